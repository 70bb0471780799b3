# SPDX-License-Identifier: MIT
import numpy
import xarray

# one device: linear ion drift moves the state in proportion to the charge, by mu_v R_on / D
hp = xarray.open_dataset("build/hp.h5", engine="h5netcdf")
charge = hp.current.cumulative_integrate("time")
slope, start = numpy.polyfit(charge, hp.gamma.sel(variable="gamma"), 1)
print(f"gamma = {start:.3g} m + {slope:.3g} m/C x charge")
hp[["drive", "current", "voltage", "memristance"]].to_dataframe().to_csv("build/hp.csv")

# 20 000 devices: which of the three numbers that vary decides the switching time?
devices = xarray.open_dataset("build/switching.h5", engine="h5netcdf")
table = devices[["I_off", "k_off", "initial_gamma_0", "switching_time"]].to_dataframe()
print(table.corr("spearman").switching_time.round(2).to_string())
table.to_csv("build/switching.csv")
