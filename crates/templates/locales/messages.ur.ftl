# Mail for staff. Subjects say nothing of the matter: they are read on lock screens.

reminder-subject = یاد دہانی: { $day }
reminder-intro-hearing = ایک پیشی قریب ہے۔
reminder-intro-deadline = ایک آخری تاریخ قریب ہے۔

outcome-subject = آج کے بارے میں ایک سوال
outcome-intro = اس پیشی کا نتیجہ ابھی درج نہیں ہوا۔ براہِ کرم لکھیں کہ کیا ہوا اور اگلی تاریخ کیا ہے۔

missed-subject = ایک تاریخ گزر گئی
missed-intro = ایک آخری تاریخ گزر گئی اور کوئی کارروائی درج نہیں ہوئی۔

task-subject = آپ کے لیے ایک کام
task-intro = آپ کے ذمے ایک کام ہے۔

morning-subject = آپ کا دن: { $day }
morning-nothing = آج اور اگلے سات دن میں کچھ واجب نہیں۔
morning-hearings-today = آج کی پیشیاں
morning-hearings-week = اگلے سات دن کی پیشیاں
morning-overdue = مدت گزر چکی
morning-deadlines = اگلے سات دن کی آخری تاریخیں
morning-outcomes = نتائج درج کرنے ہیں
morning-tasks = کام

stalled-subject = ہفتہ وار جائزہ: { $date }
# review:
stalled-title = کیس جو آگے نہیں بڑھ رہے
stalled-none = کوئی کیس رکا ہوا نہیں۔
stalled-line = انتظار: { $who }، { $since } سے ({ $ago })
stalled-blind = کیس جن کی اگلی تاریخ نہیں
stalled-blind-last = پچھلی تاریخ { $date }
stalled-blind-never = کبھی کوئی تاریخ نہیں ملی
# review: journal head
stalled-heads = ریکارڈ کے آخری اندراج: یہ فہرست کاغذ پر محفوظ رکھیں
stalled-head-line = اندراج { $seq }

silence-subject = یاد دہانیاں دیر سے آ سکتی ہیں
silence-intro = خودکار یاد دہانی کا نظام { $from } سے { $until } تک بند رہا۔
silence-caught-up = اب وہ دوبارہ چل رہا ہے۔ جو یاد دہانی اب بھی کام کی ہے وہ بھیجی جا رہی ہے؛ جس کا وقت گزر گیا وہ اپنے کیس میں ایک کام ہے۔
silence-action = آج کی پیشیاں اور آخری تاریخیں خود دیکھ لیں۔ جو مشین سنبھالتا ہے وہ وجہ "peshi doctor" سے معلوم کرے۔

message-open = کھولیں
# review:
message-unsubscribe = یہ خلاصے بند کریں

# Messages for families at disclosure level 0: nothing but a meeting, a call, a piece of news.
# No greeting of a faith, no name, no place, no organisation. Each SMS fits one part. Verbs are polite and genderless.
family-subject-reminder = یاد دہانی
family-subject = آپ کے لیے پیغام
family-meeting = سلام۔ آپ کی ملاقات { $day }، { $time } ہے۔ شکریہ۔
family-meeting-unset = سلام۔ آپ کی ملاقات کی تاریخ ہم آپ کو بتائیں گے۔ شکریہ۔
family-postponed = سلام۔ ملاقات اب { $day } کو ہو گی۔ پہلے والے دن نہ آئیں۔
family-postponed-unset = سلام۔ ملاقات بتائے گئے دن نہیں ہو گی۔ نئی تاریخ بعد میں بتائیں گے۔
family-please-call = سلام۔ جب آسانی ہو، ہمیں فون کریں یا مس کال دیں۔ شکریہ۔
family-news = سلام۔ آپ کے کام میں پیش رفت ہوئی ہے۔ تفصیل فون پر بتائیں گے۔
