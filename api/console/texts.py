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
    "cases": Label("案例", "Cases"),
    "case": Label("案例", "Case"),
    "id": Label("编号", "Id"),
    "years": Label("年份", "Years"),
    "year": Label("年份", "Year"),
    "pack": Label("方法包", "Pack"),
    "shipped": Label("随附", "ships"),
    "no_kept": Label(
        "账套中没有上传的案例（REST：/v1/gep/cases）。",
        "No case was uploaded to this book (REST: /v1/gep/cases).",
    ),
    "editions": Label("审核与发布", "Review and publication"),
    "edition": Label("账户版次", "Edition"),
    "editions_note": Label(
        "编制、审核、发布由三人分别办理；每一步都记入账套日志。",
        "Three different people compile, review and publish; every step is a record in the log.",
    ),
    "no_editions": Label("还没有账户版次。", "There is no edition yet."),
    "draft_new": Label("新建草稿", "A new draft"),
    "state": Label("状态", "State"),
    "replaces": Label("替代", "Replaces"),
    "reason": Label("理由", "Reason"),
    "history": Label("办理记录", "History"),
    "action": Label("办理", "Step"),
    "person": Label("办理人", "By"),
    "at": Label("时间", "At"),
    "record": Label("日志记录", "Record"),
    "override": Label("重建稿发布的特别说明", "Override for a reconstruction"),
    "next_step": Label("下一步", "Next step"),
    "no_step": Label("现在没有您可以办理的步骤。", "There is no step that you may take now."),
    "sign_in": Label("办理须用密钥登录。", "To take a step, open a session with a key."),
    "dossier": Label("核算档案摘要", "Digest of the dossier"),
    "refused": Label("未办理", "Refused"),
    "click": Label("点击名称查看算式与数字。", "Click a name for its formula and numbers."),
    "about_title": Label("名称", "Title"),
    "about_case": Label("案例", "Case"),
    "about_year": Label("年份", "Year"),
    "about_pack": Label("方法包", "Pack"),
    "about_edition": Label("版次", "Edition of the pack"),
    "part_account": Label("概览", "Overview"),
    "part_services": Label("按服务", "By service"),
    "part_regions": Label("按地区", "By region"),
    "part_types": Label("按生态系统类型", "By ecosystem type"),
    "part_years": Label("时间序列", "Over the years"),
    "part_growth": Label("增长", "Growth"),
    "part_uncertainty": Label("不确定性", "Uncertainty"),
    "part_evidence": Label("证据与审核", "Evidence and doubts"),
    "none_regions": Label(
        "本案例只有一个地区，也没有给出边界。", "The case has one region, and no polygons."
    ),
    "none_types": Label(
        "本账户没有按生态系统类型的数据。", "Nothing of this account is by ecosystem type."
    ),
    "none_years": Label(
        "本案例到该年只有一个年份。", "Up to this year the case has one year only."
    ),
    "none_growth": Label("增长至少需要两个年份。", "Growth needs two years."),
    "none_uncertainty": Label("没有抽样结果。", "Nothing was drawn."),
    "state_draft": Label("草稿", "draft"),
    "state_submitted": Label("已提交", "submitted"),
    "state_reviewed": Label("已审核", "reviewed"),
    "state_approved": Label("已批准", "approved"),
    "state_published": Label("已发布", "published"),
    "state_superseded": Label("已被替代", "superseded"),
    "action_draft": Label("建立草稿", "draft"),
    "action_submit": Label("提交", "submit"),
    "action_review": Label("审核通过", "review"),
    "action_approve": Label("批准", "approve"),
    "action_publish": Label("发布", "publish"),
    "action_return": Label("退回", "return"),
    "action_supersede": Label("被替代", "supersede"),
    "as_pdf": Label("报告（PDF）", "Report (PDF)"),
    "to_gep": Label("核算与发布", "Accounts and publication"),
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
