# Words inside pictures of charts. The names of states and events come from each pack.

picture-title = Picture: { $what }
picture-desc = How such a matter can go. Its parts: { $states }.
picture-desc-now = How such a matter can go, and where this one stands now: { $states }.
picture-now = now
picture-closes = case closed
picture-starts = begins with: { $where }
picture-leads = { $event }: leads to { $where }
picture-once = once the condition is met
picture-always = at once
picture-any-event = anything that happens
picture-missed = deadline missed: { $what }
picture-missed-here = deadline missed
picture-done = finished: { $what }
picture-after = after { $period }

picture-milliseconds = { $n } milliseconds
picture-seconds = { $n ->
    [one] 1 second
   *[other] { $n } seconds
}
picture-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
picture-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
picture-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
picture-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
picture-weeks = { $n ->
    [one] 1 week
   *[other] { $n } weeks
}
picture-months = { $n ->
    [one] 1 month
   *[other] { $n } months
}
picture-years = { $n ->
    [one] 1 year
   *[other] { $n } years
}

# The key below a picture.
picture-key-now = stands here now
picture-key-was = has been here
picture-key-way = the way it went
picture-key-start = begins here
picture-key-final = the end of this part
picture-key-history = back to where it was
picture-key-region = parts that run side by side
picture-key-clock = a matter of time
picture-key-condition = only under a condition
picture-key-from-anywhere = from any state of its group
picture-key-again = begins this state again, or leads to another part
picture-key-stays = recorded, and the state stays
picture-key-opens = begins something of its own: a proceeding, a hearing
picture-key-quiet = happens by itself

# The page of a case's picture.
case-nav-picture = Picture
case-picture-link = See it as a picture
case-picture-title = Picture of the case
case-picture-hint = Each box is a state the case can be in, each arrow something that can happen. A thick border and the word “now” show where it stands, thick arrows the way it went.
case-picture-words = The same in words
case-picture-now = It stands here
case-picture-way = The way it went
case-picture-when = When
case-picture-what = What happened
case-picture-from = From
case-picture-to = To
case-picture-no-way = Nothing has moved yet.
case-picture-more = More proceedings and hearings are open than are drawn here: { $n } more.
