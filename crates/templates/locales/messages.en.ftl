# Mail for staff. Subjects say nothing of the matter: they are read on lock screens.

reminder-subject = Reminder: { $day }
reminder-intro-hearing = A hearing is coming.
reminder-intro-deadline = A deadline is coming.

outcome-subject = A question about today
outcome-intro = This hearing has no outcome yet. Please record what happened and the next date.

missed-subject = A date has passed
missed-intro = A deadline passed and nothing was recorded as done.

task-subject = A task for you
task-intro = There is a task for you.

morning-subject = Your day: { $day }
morning-nothing = Nothing is due today and in the next seven days.
morning-hearings-today = Hearings today
morning-hearings-week = Hearings in the next seven days
morning-overdue = Overdue
morning-deadlines = Deadlines in the next seven days
morning-outcomes = Outcomes to record
morning-tasks = Tasks

stalled-subject = Weekly review: { $date }
stalled-title = Cases that do not move
stalled-none = No case is stalled.
stalled-line = waiting on { $who } since { $since } ({ $ago })
stalled-blind = Cases without a next date
stalled-blind-last = last date { $date }
stalled-blind-never = never had a date
stalled-heads = Journal heads: keep this list on paper
stalled-head-line = entry { $seq }

silence-subject = Reminders may be late
silence-intro = The scheduler did nothing from { $from } to { $until }.
silence-caught-up = It runs again. A reminder that still helps is sent now; one that comes too late is a task in its case.
silence-action = Look at today's hearings and deadlines yourself. Whoever looks after the machine finds the reason with "peshi doctor".

message-open = Open
message-unsubscribe = Stop these digests

# Messages for families at disclosure level 0: nothing but a meeting, a call, a piece of news.
# No greeting of a faith, no name, no place, no organisation. Each SMS fits one part.
family-subject-reminder = Reminder
family-subject = A message for you
family-meeting = Hello. Your meeting is on { $day } at { $time }. Thank you.
family-meeting-unset = Hello. We will tell you the date of your meeting. Thank you.
family-postponed = Hello. Your meeting is now on { $day }. Please do not come on the earlier day.
family-postponed-unset = Hello. Your meeting is not on the day we told you. We will tell you the new date.
family-please-call = Hello. When it suits you, please call us or give a missed call. Thank you.
family-news = Hello. There is progress with your work. We will tell you more by phone.
