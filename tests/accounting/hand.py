"""A case small enough for a pencil: a county of two townships, three services, round prices."""

from collections.abc import Sequence
from pathlib import Path

PACK = """
id = "hand"
edition = "1"
ecosystems = "garze-2010"
title = { zh = "手算方法包", en = "A pack by hand" }
source = { document = "a worked example", tag = "R" }
[groups]
"水" = "Water"
"产品" = "Products"
"旅游" = "Recreation"
[[line]]
service = "water"
name = { zh = "水源涵养", en = "water retention" }
group = "水"
class = "regulating"
counts_in = "gep"
seea = "2.11"
method = "priced"
quantity = "water_retained"
bind.water_retained = "given"
price = { value = "2", unit = "CNY/m3", price_year = 2020 }
[[line]]
service = "crops"
name = { zh = "农产品", en = "crops" }
group = "产品"
class = "material"
counts_in = "gep"
seea = "1.1"
method = "stated-value"
value = "net_output_agriculture"
bind.net_output_agriculture = "given"
[[line]]
service = "recreation/visits"
name = { zh = "旅游", en = "recreation" }
group = "旅游"
class = "cultural"
counts_in = "gep"
seea = "3.1"
method = "priced"
quantity = "visits"
bind.visits = "given"
price = { value = "10", unit = "CNY/visit", price_year = 2020 }
"""
CASE = """
id = "hand"
title = { zh = "手算", en = "By hand" }
pack = "hand"
edition = "1"
pack_file = "pack.toml"
ecosystems = "garze-2010"
readings = "readings.csv"
"""
REGIONS = (("999901", "县"), ("999901001", "甲镇"), ("999901002", "乙镇"))
HEADINGS = {
    "readings": "region,ecosystem_type,year,quantity,value,unit,status,source",
    "imports": "service,from_region,to_region,year,kind,quantity,unit,status,source",
    "use": "service,region,user,year,quantity,unit,status,source",
    "prices": "service,year,price,unit,source",
}
A, B, COUNTY, ELSEWHERE = "999901001", "999901002", "999901", "888800"
READINGS = (
    f"{A},forest,2020,water_retained,1000,m3,modelled,x",
    f"{B},forest,2020,water_retained,500,m3,modelled,x",
    f"{A},all,2020,net_output_agriculture,300,元,measured,x",
    f"{B},all,2020,net_output_agriculture,700,元,measured,x",
    f"{A},all,2020,visits,50,人次,measured,x",
    f"{B},all,2020,visits,0,人次,measured,x",
)  # 2020: A 2000 + 300 + 500 = 2800 CNY, B 1000 + 700 + 0 = 1700 CNY, the county 4500 CNY


def write(
    folder: Path,
    readings: Sequence[str] = READINGS,
    years: Sequence[int] = (2020,),
    pack: str = PACK,
    **tables: Sequence[str],
) -> Path:
    """Write the case with its pack and the tables that are given, row by row."""
    folder.mkdir(exist_ok=True)
    named = "".join(f'{name} = "{name}.csv"\n' for name in tables)
    regions = "".join(
        f'[[region]]\ncode = "{code}"\nzh = "{name}"\nen = "{name}"\n' for code, name in REGIONS
    )
    (folder / "case.toml").write_text(f"{CASE}years = {list(years)}\n{named}{regions}", "utf-8")
    (folder / "pack.toml").write_text(pack, "utf-8")
    for name, rows in {"readings": readings, **tables}.items():
        lines = "\n".join((HEADINGS[name], *rows))
        (folder / f"{name}.csv").write_text(f"{lines}\n", "utf-8")
    return folder
