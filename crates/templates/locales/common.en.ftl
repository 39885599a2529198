# Names of days and months, and the words every page and message shares.

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

# Monday is 1, as in ISO 8601.
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
weekday-short-1 = Mon
weekday-short-2 = Tue
weekday-short-3 = Wed
weekday-short-4 = Thu
weekday-short-5 = Fri
weekday-short-6 = Sat
weekday-short-7 = Sun

part-morning = morning
part-noon = afternoon
part-evening = evening
part-night = night

# Digits arrive as text and stay Latin.
format-date = { $day } { $month } { $year }
format-day = { $weekday } { $day } { $month }
format-datetime = { $weekday-short } { $day } { $month } { $year }, { $time }
format-time = { $hour24 }:{ $minute }
format-time-full-hour = { $hour24 }:{ $minute }

days-ahead = { $days ->
    [0] today
    [1] tomorrow
   *[other] in { $days } days
}
days-ago = { $days ->
    [0] today
    [1] yesterday
   *[other] { $days } days ago
}

deadline-kind-statutory = duty of the authority under the law
deadline-kind-limitation = legal deadline for us: do not miss
deadline-kind-policy = policy of the authority
deadline-kind-internal = our own target

confidence-high = high: checked against the source
confidence-medium = medium: to be checked by an advocate
confidence-low = low: sources differ, ask an advocate
confidence-unknown = not stated: ask an advocate

waiting-on-us = us
waiting-on-family = the family
waiting-on-police = the police
waiting-on-prosecution = the prosecution
waiting-on-court = the court
waiting-on-other = others

legal-note = Not legal advice: a computed date is an aid. The advocate in charge decides.

label-reference = Reference
label-title = What
label-when = When
label-place = Where
label-internal-due = Finish by
label-basis = Legal basis
label-kind = Kind
label-confidence = Confidence in the source
label-next-step = What to do
label-due = Due
label-reason = Why

# Tasks that the engine raises itself, whatever the pack.
task-late_reminder = A reminder came too late: check this date now
task-date_moved = A date follows new rules: check it and tell those who count on it
task-message_failed = A message could not be delivered: see why and reach the person another way
task-timer_failed = A step due by itself could not be taken: look at this case now
