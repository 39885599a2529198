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
task-date_moved = A date has moved: check it and tell those who count on it
task-hearing_on_closed_day = The court is closed on the day of this hearing: find out the new date
task-message_failed = A message could not be delivered: see why and reach the person another way
task-timer_failed = A step due by itself could not be taken: look at this case now

# What must be said of the law behind a date.
label-caution = Warning
standing-may_have_lapsed = verify: this law may have lapsed
standing-not_in_force = verify: this law is not in force today

# Why a date is what it is; a line each.
why-may_have_lapsed = Verify: this law was an ordinance whose time ended on { $date }. Look whether it was made an Act or extended.
why-not_in_force = Verify: by the dates in the workflow, this law is not in force today.
why-moment = The date is a fixed moment on { $date }; nothing was counted.
why-trigger = It counts from what happened on { $date }. That day is left out.
why-trigger_same_day = It counts from what happened on { $date }.
why-counted = Counting { $number } { $unit ->
    [minute] minutes
    [hour] hours
    [day] days
    [working_day] days on which the court is open
    [week] weeks
    [month] months
   *[year] years
} leads to { $date }.
why-clock = The hours run through nights and holidays, from { $date } to { $until }, { $text }.
why-closed_weekday = { $date }: the court does not sit on that day of the week.
why-closed_day = { $date }: closed, { $text }.
why-provisional = { $date } ({ $text }) is not confirmed yet: the date may still move.
why-moved = { $date } is closed, so the last day moves to { $until }.
why-vacation = { $date } falls in a vacation ({ $text }). A vacation moves nothing: the office is open.
why-internal = The office finishes by { $date }, { $number } days on which the court is open before the last day.
why-excluded_copy = { $number } days from { $date } to { $until } are left out: the certified copy was being made.
why-excluded_stop = The time from { $date } to { $until } is left out: the clock was stopped.
why-copy_awaited = No time for the certified copy is left out yet. Record when it was asked for and when it came.
why-opens = The court opens on { $date } at { $text }.
why-closes = The court closes on { $date } at { $text }.
why-stands_still = The clock has stood still since { $date }: { $text }
why-stood_still = The clock stood still from { $date } to { $until }: { $text }
why-overridden = A lawyer set { $until } in place of the reckoned { $date }: { $text }
why-met = Met on { $date }: { $text }
why-excused = Excused on { $date }: { $text }

stop-court_stay = stay of a court
stop-adjourned_by_consent = adjourned by consent
stop-record_requisitioned = record requisitioned
stop-family_request = the family asked for it
stop-other = another reason
