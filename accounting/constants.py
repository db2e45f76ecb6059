"""The numbers a formula may hold: what follows from units and molar masses, and no ministry."""

M3_PER_MM_HM2 = 10.0  # 1 mm of water on 1 hm2 is 10 m3
T_PER_KG_M2_HM2 = 10.0  # 1 kg on each m2 of 1 hm2 is 10 t
KJ_PER_KWH = 3600.0
CO2_PER_C = 44 / 12  # t of carbon dioxide in which 1 t of carbon is bound
O2_PER_CO2 = 32 / 44  # t of oxygen released for 1 t of carbon dioxide taken up
PERCENT = 100.0  # for formulas whose source counts a share in hundredths
