# Urdu words of the road-traffic-fine pack. "# review:" marks what a mother-tongue editor should look at first.

## Title, chart and public words
workflow-title = ٹریفک چالان
chart-case = جرمانہ
public-open = معاملہ جاری ہے۔
public-answered = جواب آ گیا ہے۔
public-closed = معاملہ ختم ہو گیا ہے۔

## States
state-case-notice = نوٹس کی ترسیل
state-case-not_sent = ابھی نہیں بھیجا گیا
state-case-sent = بھیج دیا گیا
state-case-notified = وصول ہو گیا، ساٹھ دن جاری
state-case-penalty_added = ساٹھ دن پورے، اضافہ درج
state-case-window = اپیل کی مدت
state-case-window_not_open = ابھی شروع نہیں
state-case-window_open = جاری
state-case-window_closed = ختم
state-case-money = ادائیگی
state-case-owing = واجب الادا
state-case-in_collection = وصولی کے لیے بھیجا گیا
state-case-settled = ادا ہو گیا
state-case-annulled = کالعدم
state-case-appeal = اپیل
state-case-no_appeal = کوئی اپیل نہیں
# review: پریفیکٹ is the Italian office written in Urdu letters
state-case-lodged = پریفیکٹ کے پاس اپیل دائر
state-case-sent_to_prefect = پریفیکٹ کے پاس
state-case-result_received = پریفیکٹ کا فیصلہ موصول
state-case-result_notified = فیصلہ متعلقہ فرد تک پہنچا
state-case-before_judge = جج کے سامنے
state-case-appeal_ended = اپیل ختم

## Events
event-send_fine = نوٹس بھیجیں
event-insert_notification = وصولی درج کریں
event-payment = ادائیگی درج کریں
event-send_credit_collection = وصولی کے لیے بھیجیں
event-appeal_prefecture = پریفیکٹ کو اپیل
event-send_appeal_prefecture = کاغذات پریفیکٹ کو بھیجیں
event-receive_result_prefecture = پریفیکٹ کا فیصلہ موصول ہوا
event-notify_result_offender = فیصلہ متعلقہ فرد تک پہنچائیں
event-appeal_judge = جج کو اپیل
event-judge_decided = جج نے فیصلہ دیا
event-notice-given = نوٹس مؤثر ہوا
event-claim-annulled = مطالبہ کالعدم ہوا

## Forms
form-fine = جرمانہ
field-fine-amount = رقم
field-fine-increased_to = ساٹھ دن بعد کی رقم (زیادہ سے زیادہ کا نصف)
field-fine-article = شق
field-fine-points = لائسنس کے پوائنٹ
field-fine-vehicle_class = گاڑی کی قسم
form-sending = بھیجنا
field-sending-expense = ترسیل کا خرچ
form-notification = وصولی
field-notification-notification_type = وصولی کی قسم
form-payment = ادائیگی
field-payment-part = یہ ادائیگی
field-payment-total = اب تک کل ادائیگی
form-appeal = اپیل
field-appeal-appeal_number = نمبر
field-appeal-grounds = بنیاد
form-result = پریفیکٹ کا فیصلہ
field-result-outcome = نتیجہ
form-judgment = فیصلہ
field-judgment-outcome = نتیجہ
choice-outcome-upheld = جرمانہ برقرار
choice-outcome-annulled = جرمانہ کالعدم

## Deadlines
deadline-forward_appeal = اپیل پریفیکٹ کو بھیجیں: 60 دن
deadline-prefect_decision = پریفیکٹ کا فیصلہ: 120 دن
