# Urdu in Latin letters, for phones that cannot show the script: only what family messages need.

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

weekday-1 = peer
weekday-2 = mangal
weekday-3 = budh
weekday-4 = jumerat
weekday-5 = juma
weekday-6 = hafta
weekday-7 = itwar
weekday-short-1 = peer
weekday-short-2 = mangal
weekday-short-3 = budh
weekday-short-4 = jumerat
weekday-short-5 = juma
weekday-short-6 = hafta
weekday-short-7 = itwar

part-morning = subah
part-noon = dopahar
part-evening = shaam
part-night = raat

format-date = { $day } { $month } { $year }
format-day = { $weekday } { $day } { $month }
format-datetime = { $weekday-short } { $day } { $month } { $year }, { $time }
format-time = { $part } { $hour12 }:{ $minute } baje
format-time-full-hour = { $part } { $hour12 } baje

days-ahead = { $days ->
    [0] aaj
    [1] kal
   *[other] { $days } din baad
}
days-ago = { $days ->
    [0] aaj
    [1] guzashta kal
   *[other] { $days } din pehle
}
