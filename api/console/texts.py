"""The words of the console, in both languages."""

from collections.abc import Mapping

from ledger.statements.statement import Label

TEXTS: Mapping[str, Label] = {
    "title": Label("生态产品总值与环境权益账本", "GEP Ledger"),
    "lead": Label(
        "一个系统：核算生态系统的价值，交易环境权益，记录保护资金。",
        "One system: ecosystems valued, environmental rights traded, protection money booked.",
    ),
    "gep": Label("生态产品总值（GEP）", "Gross ecosystem product (GEP)"),
    "by_class": Label("按服务类别", "By class of service"),
    "by_service": Label("按服务", "By service"),
    "totals": Label("三个总值", "Three totals"),
    "account": Label("全部数据", "All figures"),
    "trades": Label("权益交易", "Trades of rights"),
    "transfers": Label("补偿与转移支付", "Compensation and transfers"),
    "trial": Label("试算平衡表", "Trial balance"),
    "trial_note": Label(
        "每一会计主体、核算基础、币种或计量单位，借贷差额均为零。",
        "Per entity, basis and commodity, debits and credits do not differ.",
    ),
    "date": Label("日期", "Date"),
    "what": Label("内容", "What"),
    "rights": Label("权利", "Rights"),
    "money": Label("金额（元）", "Money (CNY)"),
    "status": Label("数据性质", "Status"),
    "preparer": Label("制单", "Prepared by"),
    "approver": Label("审核", "Approved by"),
    "evidence": Label("依据", "Evidence"),
    "readings": Label("监测与统计数据", "Readings"),
    "agreement": Label("协议", "Agreement"),
    "step": Label("步骤", "Step"),
    "rule": Label("算式", "Expression"),
    "value": Label("数值", "Value"),
    "source": Label("来源", "Source"),
    "verified": Label("已验证", "verified"),
    "not_verified": Label("验证未通过", "not verified"),
    "not_here": Label(
        "账套较大，请运行 gep verify 验证", "too large to verify on a page: run gep verify"
    ),
    "records": Label("条记录", "records"),
    "root": Label("根哈希", "root"),
    "login": Label("密钥", "Key"),
    "enter": Label("进入", "Enter"),
    "leave": Label("退出", "Leave"),
    "login_note": Label(
        "本控制台显示账套内容，请输入密钥（gep key new）。",
        "This console shows books: enter a key (gep key new).",
    ),
    "wrong_key": Label("此密钥无效。", "This key is not in force."),
    "no_book": Label(
        "没有这个账套：先用 gep book new 开设，或用 gep demo 看示例。",
        "No such book: open one with gep book new, or see the example with gep demo.",
    ),
    "printed": Label("页面不请求任何外部资源。", "This page asks nothing of any other machine."),
    "computed": Label("计算", "computed"),
    "booked": Label("按公布值入账", "booked"),
    "checked": Label("核对", "checked"),
    "inferred": Label("推算", "inferred"),
    "synthetic": Label("示例", "synthetic"),
}


UNITS: Mapping[str, Label] = {
    "1e8 CNY": Label("亿元", "100 million CNY"),
    "1e4 CNY/person": Label("万元/人", "10,000 CNY per person"),
}
BASES: Mapping[str, Label] = {
    "accrual": Label("财务会计", "accrual"),
    "budget": Label("预算会计", "budget"),
    "registry": Label("登记", "registry"),
    "clearing": Label("清算", "clearing"),
    "memo": Label("备查", "memo"),
}


def words(locale: str) -> dict[str, str]:
    """Return every text in one language."""
    return {key: label.in_(locale) for key, label in TEXTS.items()}
