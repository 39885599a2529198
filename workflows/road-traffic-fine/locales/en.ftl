# English words of the road-traffic-fine pack.

## Title, chart and public words
workflow-title = Road-traffic fine
chart-case = Fine
public-open = The matter is open.
public-answered = There is an answer.
public-closed = The matter is closed.

## States
state-case-notice = Service of the report
state-case-not_sent = Not yet sent
state-case-sent = Sent
state-case-notified = Served, sixty days running
state-case-penalty_added = Sixty days over, increase booked
state-case-window = Time to appeal
state-case-window_not_open = Not yet running
state-case-window_open = Running
state-case-window_closed = Over
state-case-money = Payment
state-case-owing = Owing
state-case-in_collection = In collection
state-case-settled = Paid
state-case-annulled = Annulled
state-case-appeal = Appeal
state-case-no_appeal = No appeal
state-case-lodged = Appeal to the prefect lodged
state-case-sent_to_prefect = With the prefect
state-case-result_received = Prefect's result received
state-case-result_notified = Result served on the person
state-case-before_judge = Before the judge
state-case-appeal_ended = Appeal ended

## Events
event-send_fine = Send the report
event-insert_notification = Record the service
event-payment = Record a payment
event-send_credit_collection = Send for collection
event-appeal_prefecture = Appeal to the prefect
event-send_appeal_prefecture = Send the papers to the prefect
event-receive_result_prefecture = Prefect's result received
event-notify_result_offender = Serve the result on the person
event-appeal_judge = Appeal to the judge
event-judge_decided = Judge decided
event-notice-given = Service took effect
event-claim-annulled = Claim annulled

## Forms
form-fine = Fine
field-fine-amount = Amount
field-fine-increased_to = Sum after sixty days (half the maximum)
field-fine-article = Article
field-fine-points = Licence points
field-fine-vehicle_class = Vehicle class
form-sending = Sending
field-sending-expense = Cost of service
form-notification = Service
field-notification-notification_type = Kind of service
form-payment = Payment
field-payment-part = This payment
field-payment-total = Paid in all so far
form-appeal = Appeal
field-appeal-appeal_number = Number
field-appeal-grounds = Grounds
form-result = Prefect's result
field-result-outcome = Outcome
form-judgment = Judgment
field-judgment-outcome = Outcome
choice-outcome-upheld = Fine upheld
choice-outcome-annulled = Fine annulled

## Deadlines
deadline-forward_appeal = Send the appeal to the prefect: 60 days
deadline-prefect_decision = Prefect's decision: 120 days
