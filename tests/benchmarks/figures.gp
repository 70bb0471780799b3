# SPDX-License-Identifier: MIT
# Called by compare.py in the folder of the data, with `ending` = svg or png.
if (ending eq "svg") { size = "1000,700"; kind = "svg enhanced font 'DejaVu Sans,13' background 'white'" }
if (ending eq "png") { size = "1000,700"; kind = "pngcairo enhanced font 'DejaVu Sans,11'" }
eval "set terminal " . kind . " size " . size

# how many times faster Memdyn is
set output "ratios." . ending
set title "Time of a peer over Memdyn's, for the same work on one core"
set xlabel "ratio of times; bars from the lowest to the highest repetition"
set logscale x
set format x "10^{%T}"
set grid xtics
set ytics noenhanced
set yrange [] reverse
set offsets 0, 0, 0.5, 0.5
unset key
set arrow 1 from 1, graph 0 to 1, graph 1 nohead dashtype 2 linecolor "gray40"
plot "data/ratios.dat" using 2:5:3:4:ytic(1) with xerrorbars pointtype 7 pointsize 0.9 linewidth 2 linecolor "#0072b2"
unset arrow 1
set offsets 0, 0, 0, 0
set ytics auto enhanced

# work and precision
if (ending eq "svg") { size = "1500,700" } else { size = "1500,760" }
eval "set terminal " . kind . " size " . size
set output "precision." . ending
set multiplot layout 2,4 margins 0.06, 0.99, 0.1, 0.9 spacing 0.05, 0.14 \
  title "Work and precision: error of the final state against processor time, tolerances 1e-4 to 1e-12"
set yrange [*:*] noreverse
set xrange [1e-17:1]
set logscale xy
set format xy "10^{%T}"
set xtics 1e-16, 1e4
set grid xtics ytics
set xlabel "error / range of the variable"
set ylabel "time [s]"
solvers = "'memdyn dopri5' 'memdyn bogacki-shampine32' 'memdyn fehlberg78' 'memdyn rosenbrock4' 'memdyn auto' \
  'odeint dopri5' 'CVODE Adams' 'CVODE BDF'"
colours = "#0072b2 #56b4e9 #009e73 #000000 #8c564b #d55e00 #e69f00 #cc79a7"
style(k) = k <= 5 ? 7 : 4
unset key
do for [problem in "smooth windowed bounded stiff loaded loaded-tunnel loaded-filament"] {
  set title problem
  plot for [k in (problem[1:6] eq "loaded" ? "1 4 5 8" : "1 2 3 6 7 8")] \
    "data/" . problem . " " . word(solvers, int(k)) . ".dat" using 1:2 with linespoints \
    linewidth 2 pointsize 0.8 pointtype style(int(k)) linecolor rgb word(colours, int(k))
}
unset border
unset xtics
unset ytics
unset xlabel
unset ylabel
unset title
unset logscale
set key center center vertical samplen 3
set xrange [0:1]
set yrange [0:1]
plot for [k = 1:8] NaN with linespoints linewidth 2 pointsize 0.8 pointtype style(k) \
  linecolor rgb word(colours, k) title word(solvers, k)
unset multiplot
