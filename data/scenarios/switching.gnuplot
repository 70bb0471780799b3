# Draws build/switching.csv: switching time against threshold current, one point for every twentieth device.
set datafile separator ","
set terminal svg size 760,520 font "DejaVu Sans,16" background "white"
set output "build/switching_threshold.svg"
set title "TEAM: switching time against threshold current"
set xlabel "threshold current I_{off} (µA)"
set ylabel "switching time (µs)"
set cblabel "drift scale k_{off} (mm/s)"
set grid
unset key
set palette defined (0 "#0072b2", 0.5 "#e69f00", 1 "#d55e00")
plot "build/switching.csv" using ($2*1e6):($5*1e6):($3*1e3) every 20::1 with points pointtype 7 pointsize 0.4 palette
