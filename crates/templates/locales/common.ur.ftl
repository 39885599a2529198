# Names of days and months, and the words every page and message shares.

month-1 = جنوری
month-2 = فروری
month-3 = مارچ
month-4 = اپریل
month-5 = مئی
month-6 = جون
month-7 = جولائی
month-8 = اگست
month-9 = ستمبر
month-10 = اکتوبر
month-11 = نومبر
month-12 = دسمبر

# Monday is 1, as in ISO 8601. Urdu does not shorten the names.
weekday-1 = پیر
weekday-2 = منگل
weekday-3 = بدھ
weekday-4 = جمعرات
weekday-5 = جمعہ
weekday-6 = ہفتہ
weekday-7 = اتوار
weekday-short-1 = پیر
weekday-short-2 = منگل
weekday-short-3 = بدھ
weekday-short-4 = جمعرات
weekday-short-5 = جمعہ
weekday-short-6 = ہفتہ
weekday-short-7 = اتوار

part-morning = صبح
part-noon = دوپہر
part-evening = شام
part-night = رات

# Digits arrive as text and stay Latin.
format-date = { $day } { $month } { $year }
format-day = { $weekday } { $day } { $month }
format-datetime = { $weekday-short } { $day } { $month } { $year }، { $time }
format-time = { $part } { $hour12 }:{ $minute } بجے
format-time-full-hour = { $part } { $hour12 } بجے

# Urdu says the same word for yesterday and tomorrow; the past is marked.
days-ahead = { $days ->
    [0] آج
    [1] کل
   *[other] { $days } دن بعد
}
days-ago = { $days ->
    [0] آج
    [1] گزشتہ کل
   *[other] { $days } دن پہلے
}

# review: the four kinds in the words of a court clerk
deadline-kind-statutory = قانون کے تحت ادارے کی ذمہ داری
# review:
deadline-kind-limitation = ہمارے لیے قانونی میعاد: ہرگز نہ گزرے
# review:
deadline-kind-policy = ادارے کی پالیسی
deadline-kind-internal = ہمارا اپنا ہدف

# review:
confidence-high = زیادہ: ماخذ سے جانچا گیا
# review:
confidence-medium = درمیانہ: وکیل سے جانچ باقی ہے
# review:
confidence-low = کم: ماخذ مختلف ہیں، وکیل سے پوچھیں
# review:
confidence-unknown = درج نہیں: وکیل سے پوچھیں

waiting-on-us = ہم
waiting-on-family = اہلِ خانہ
waiting-on-police = پولیس
# review: the office, not one prosecutor
waiting-on-prosecution = سرکاری وکیل
waiting-on-court = عدالت
waiting-on-other = دیگر

# review:
legal-note = یہ قانونی مشورہ نہیں: حساب سے نکالی گئی تاریخ صرف مدد کے لیے ہے۔ فیصلہ متعلقہ وکیل کا ہے۔

label-reference = حوالہ نمبر
label-title = کیا
label-when = کب
label-place = کہاں
# review:
label-internal-due = اس تاریخ تک مکمل کریں
# review:
label-basis = قانونی بنیاد
label-kind = قسم
# review:
label-confidence = ماخذ پر اعتماد
label-next-step = اب کیا کرنا ہے
label-due = آخری تاریخ
label-reason = وجہ

# Tasks that the engine raises itself, whatever the pack.
task-late_reminder = یاد دہانی دیر سے پہنچی: یہ تاریخ ابھی دیکھیں
# review: wording of a failed timer
task-timer_failed = خودکار قدم نہیں اٹھایا جا سکا: یہ کیس ابھی دیکھیں
# review: wording of a delivery failure
task-date_moved = ایک تاریخ بدل گئی: اسے دیکھیں اور متعلقہ لوگوں کو بتائیں
# review:
task-hearing_on_closed_day = پیشی کے دن عدالت بند ہے: نئی تاریخ معلوم کریں
task-message_failed = پیغام نہیں پہنچ سکا: وجہ دیکھیں اور دوسرے طریقے سے رابطہ کریں

# What must be said of the law behind a date.
# review: every line below, in the words of a court clerk
label-caution = انتباہ
standing-may_have_lapsed = تصدیق کریں: یہ قانون شاید ختم ہو چکا ہو
standing-not_in_force = تصدیق کریں: یہ قانون آج نافذ نہیں

# Why a date is what it is; a line each.
why-may_have_lapsed = تصدیق کریں: یہ آرڈیننس تھا جس کی مدت { $date } کو پوری ہوئی۔ دیکھیں کہ ایکٹ بنا یا توسیع ہوئی۔
why-not_in_force = تصدیق کریں: ورک فلو میں درج تاریخوں کے مطابق یہ قانون آج نافذ نہیں۔
why-moment = یہ تاریخ { $date } کا مقررہ وقت ہے؛ کچھ گنا نہیں گیا۔
why-trigger = گنتی { $date } کے واقعے سے ہے۔ وہ دن شامل نہیں۔
why-trigger_same_day = گنتی { $date } کے واقعے سے ہے۔
why-counted = { $number } { $unit ->
    [minute] منٹ
    [hour] گھنٹے
    [day] دن
    [working_day] عدالتی دن
    [week] ہفتے
    [month] مہینے
   *[year] سال
} گننے سے { $date } بنتی ہے۔
why-clock = گھنٹے رات اور تعطیل میں بھی چلتے ہیں، { $date } سے { $until }، { $text } تک۔
why-closed_weekday = { $date }: ہفتے کے اس دن عدالت نہیں بیٹھتی۔
why-closed_day = { $date }: بند، { $text }۔
why-provisional = { $date } ({ $text }) کی ابھی تصدیق نہیں ہوئی: تاریخ بدل سکتی ہے۔
why-moved = { $date } کو عدالت بند ہے، اس لیے آخری دن { $until } ہے۔
why-vacation = { $date } تعطیلات ({ $text }) میں ہے۔ تعطیلات سے تاریخ نہیں بدلتی: دفتر کھلا ہے۔
why-internal = دفتر { $date } تک کام مکمل کرے، آخری دن سے { $number } عدالتی دن پہلے۔
why-excluded_copy = { $date } سے { $until } تک { $number } دن شامل نہیں: مصدقہ نقل تیار ہو رہی تھی۔
why-excluded_stop = { $date } سے { $until } تک کا وقت شامل نہیں: میعاد رکی ہوئی تھی۔
why-copy_awaited = مصدقہ نقل کا وقت ابھی نہیں نکالا گیا۔ درج کریں کہ نقل کب مانگی اور کب ملی۔
why-opens = عدالت { $date } کو { $text } پر کھلتی ہے۔
why-closes = عدالت { $date } کو { $text } پر بند ہوتی ہے۔
why-stands_still = میعاد { $date } سے رکی ہوئی ہے: { $text }
why-stood_still = میعاد { $date } سے { $until } تک رکی رہی: { $text }
why-overridden = وکیل نے { $date } کی جگہ { $until } مقرر کی: { $text }
why-met = { $date } کو پورا ہوا: { $text }
why-excused = { $date } کو معاف کیا گیا: { $text }

stop-court_stay = عدالت کا حکمِ امتناعی
stop-adjourned_by_consent = باہمی رضامندی سے التوا
stop-record_requisitioned = ریکارڈ طلب
stop-family_request = اہلِ خانہ کی درخواست
stop-other = کوئی اور وجہ
