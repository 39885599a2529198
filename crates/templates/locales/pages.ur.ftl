# Pages for staff and coordinators. Lines marked "review" await a mother-tongue editor.

app-name = پیشی
skip-to-content = اصل مواد پر جائیں
# review:
nav-label = مینو
nav-today = آج
nav-cases = کیس
# review:
nav-board = جائزہ
nav-messages = پیغامات
# review:
nav-system = نظام
# review:
sign-out = باہر نکلیں
banner-scheduler-title = یاد دہانیاں نہیں جا رہیں۔
# review:
banner-scheduler-text = خودکار یاد دہانی کا نظام رک گیا ہے۔ اپنی تاریخیں خود دیکھیں اور فوراً منتظم کو بتائیں۔

yes = ہاں
no = نہیں
nobody = کوئی نہیں
optional = اختیاری
choose = منتخب کریں
# review:
cancel = واپس
ended = ختم
not-stated = درج نہیں
list-comma = ،
error-word = غلطی:

role-administrator = منتظم
# review:
role-coordinator = رابطہ کار
role-lawyer = وکیل
# review:
role-paralegal = معاونِ قانون
# review:
role-auditor = آڈیٹر

waiting-us = ہم
waiting-family = اہلِ خانہ
waiting-police = پولیس
# review: the office, not one prosecutor
waiting-prosecution = سرکاری وکیل
waiting-court = عدالت
waiting-other = دیگر

said-recorded = درج ہو گیا۔
said-opened = کیس کھل گیا۔
said-task_done = کام مکمل درج ہو گیا۔
said-person_added = فرد کا نام درج ہو گیا۔
said-permission_granted = رضامندی درج ہو گئی۔
said-permission_revoked = رضامندی واپس لے لی گئی۔ اب وہاں کوئی پیغام نہیں جائے گا۔

# Signing in
# review:
sign-in-title = داخل ہوں
sign-in-login = ای میل پتہ
sign-in-password = پاس ورڈ
# review:
sign-in-do = داخل ہوں
sign-in-help = پاس ورڈ بھول گئے ہوں تو منتظم سے کہیں۔ پیشی کبھی پیغام یا فون پر پاس ورڈ نہیں مانگتا۔

# A problem
problem-home = پہلے صفحے پر جائیں
problem-status = منتظم کے لیے نمبر:
problem-not_found-title = ایسا کوئی صفحہ نہیں
problem-not_found-text = پتہ دوبارہ دیکھیں۔ اگر یہ کسی کیس کا لنک تھا تو شاید آپ اس کی ٹیم میں نہیں۔
problem-forbidden-title = یہ صفحہ آپ کے لیے نہیں
problem-forbidden-text = ضرورت ہو تو رابطہ کار سے کہیں۔
problem-sign_in-title = براہِ کرم داخل ہوں
problem-sign_in-text = آپ کا وقت ختم ہو گیا۔ دوبارہ داخل ہو کر کوشش کریں۔
problem-too_many_tries-title = بہت زیادہ کوششیں
problem-too_many_tries-text = چند منٹ رکیں، پھر کوشش کریں۔
problem-bad_form-title = فارم پڑھا نہیں جا سکا
problem-bad_form-text = کچھ نہیں بدلا۔ واپس جائیں، صفحہ دوبارہ کھولیں اور فارم وہیں سے بھیجیں۔
problem-too_large-title = متن بہت لمبا ہے
problem-too_large-text = کچھ نہیں بدلا۔ واپس جا کر متن چھوٹا کریں یا حصوں میں درج کریں۔
problem-cross_site-title = یہ فارم پیشی سے نہیں آیا
problem-cross_site-text = کچھ نہیں بدلا۔ ممکن ہے کسی اور ویب سائٹ نے آپ کے نام سے بھیجنے کی کوشش کی ہو۔ پیشی خود کھول کر دوبارہ کوشش کریں۔
# review:
problem-method-title = یہ پتہ اس طرح استعمال نہیں ہو سکتا
problem-method-text = کچھ نہیں بدلا۔ صفحہ مینو سے کھولیں۔
problem-erased-title = یہ کیس مٹا دیا گیا ہے
problem-erased-text = اب اس کا کچھ بھی کوئی نہیں پڑھ سکتا۔ صرف ریکارڈ کی زنجیر باقی ہے جو بتاتی ہے کہ اسے کب اور کس نے مٹایا۔
problem-invalid-title = فارم میں کچھ درست نہیں
problem-invalid-text = کچھ نہیں بدلا۔ واپس جا کر درست کریں۔
problem-conflict-title = کسی اور نے پہلے تبدیلی کر دی
problem-conflict-text = کچھ نہیں بدلا۔ کیس دوبارہ کھولیں اور دیکھیں کہ نیا کیا ہے۔
problem-not_now-title = یہ ابھی درج نہیں ہو سکتا
problem-not_now-text = کیس آگے بڑھ چکا ہے۔ دوبارہ کھولیں: وہاں لکھا ہے کہ اب کیا ہو سکتا ہے۔
problem-not_yours-title = یہ درج کرنا آپ کے ذمے نہیں
problem-not_yours-text = کیس کے وکیل یا رابطہ کار سے کہیں۔
problem-guarded-title = اس قسم کے کیس کے اصول ابھی اس کی اجازت نہیں دیتے
problem-guarded-text = پہلے کوئی اور کام ضروری ہے۔ کیس کھول کر دیکھیں کہ کیا باقی ہے۔
problem-already_open-title = یہ کیس پہلے سے کھلا ہے
problem-already_open-text = اسے کیسوں کی فہرست میں دیکھیں۔
# review:
problem-pack_fault-title = اس کیس کے طریقِ کار میں خرابی ہے
problem-pack_fault-text = کچھ نہیں بدلا۔ منتظم کو بتائیں کہ آپ کیا درج کرنا چاہتے تھے۔
problem-unavailable-title = پیشی مصروف ہے
problem-unavailable-text = کچھ نہیں بدلا۔ ذرا رکیں اور دوبارہ کوشش کریں۔
# review: wording of an uncertain save
problem-uncertain-title = محفوظ کرتے ہوئے رابطہ ٹوٹ گیا
problem-uncertain-text = ممکن ہے محفوظ ہو گیا ہو، ممکن ہے نہ ہوا ہو۔ دوبارہ کرنے سے پہلے کیس کھول کر دیکھیں۔
problem-failed-title = ہماری طرف سے کوئی خرابی ہوئی
problem-failed-text = غلطی آپ کی نہیں۔ دوبارہ کوشش کریں؛ پھر ہو تو منتظم کو بتائیں۔

# Today
today-title = آج
today-hearings = آج کی پیشیاں
today-hearings-none = آج کوئی پیشی نہیں۔
today-hearings-soon = اگلے سات دن کی پیشیاں
today-hearings-soon-none = اگلے سات دن میں کوئی پیشی نہیں۔
today-deadlines = اگلے سات دن کی آخری تاریخیں
today-deadlines-none = اگلے سات دن میں کوئی آخری تاریخ نہیں۔
# review:
today-overdue = مدت گزر چکی، کام باقی ہے
today-tasks = میرے کام
today-tasks-none = آپ کے ذمے کوئی کام نہیں۔
task-done = ہو گیا

# Lists of cases
cases-title = کیس
cases-new = نیا کیس کھولیں
cases-caption = { $total ->
    [one] ایک کیس
   *[other] { $total } کیس
}
cases-none = کوئی کیس نہیں ملا۔ شرط بدلیں یا نیا کیس کھولیں۔
find-name = کسی شخص کا نام، اردو یا لاطینی حروف میں
find-do = تلاش کریں
cases-more = بہت سے کیسوں میں سے صرف پہلے دکھائے گئے ہیں۔ شرط چنیں یا نام تلاش کریں۔
find-more = اور کیس بھی ہو سکتے ہیں۔ نام کا مزید حصہ لکھیں۔
find-none = آپ کے لیے کھلے کسی کیس میں اس نام کا کوئی شخص نہیں۔ دوسرے ہجے یا کم الفاظ آزمائیں۔
filter-state = دکھائیں
filter-state-open = کھلے کیس
filter-state-closed = بند کیس
filter-state-all = سب کیس
filter-waiting = کس کے ذمے ہے
filter-waiting-any = کوئی بھی
filter-fate-any = سب
filter-do = دکھائیں
pages-label = صفحات
pages-previous = پچھلا
pages-next = اگلا
pages-at = صفحہ { $page } از { $pages }
pages-number = صفحہ { $page }
col-case = کیس
col-waiting = کس کے ذمے ہے
col-next = اگلی تاریخ
col-state = صورتحال
col-team = ٹیم
next-court = عدالت:
next-deadline = آخری تاریخ:
no-date = کوئی تاریخ نہیں
tag-closed = بند
tag-overdue = مدت گزر چکی
tag-blind = اگلی تاریخ نہیں
# review:
tag-stalled = رکا ہوا
# review:
tag-moving = معمول پر

# Opening a case
new-title = نیا کیس کھولیں
new-choose = یہ کس قسم کا کیس ہے؟
new-no-packs = کیس کی کوئی قسم موجود نہیں۔ منتظم کو بتائیں۔
new-reference-hint = کیس کو ایک حوالہ نمبر ملے گا۔ لکھنے اور بولنے میں نام کی جگہ وہی استعمال کریں۔
new-do = کیس کھولیں

# One case
case-nav-label = یہ کیس
case-nav-case = کیس
case-nav-journal = روداد
case-nav-messages = پیغامات
case-nav-people = افراد
case-must-act = کس کے ذمے ہے
case-since = { $date } سے ({ $ago })
case-opened = کھلنے کی تاریخ
case-actions = اب کیا ہو سکتا ہے
case-actions-more = مزید
case-actions-none = ابھی آپ کے درج کرنے کو کچھ نہیں۔
case-dates = اگلی تاریخیں
case-dates-none = کوئی تاریخ مقرر نہیں۔
# review:
case-regions = کیس کہاں تک پہنچا
case-proceedings = کارروائیاں، پیشیاں اور باقی معاملات
case-proceedings-none = ابھی کوئی مقدمہ دائر نہیں ہوا۔
case-tasks = کام
case-tasks-none = کوئی کام باقی نہیں۔
case-people = افراد
case-people-none = ابھی کسی کا نام درج نہیں۔
case-people-link = افراد درج کریں، رضامندی درج کریں یا واپس لیں
# review:
case-violations = درج شدہ خلاف ورزیاں
# review:
case-journal = حالیہ واقعات
case-journal-link = پوری روداد
case-messages-link = اس کیس کے پیغامات، وجہ کے ساتھ
case-team = ٹیم
case-facts = درج شدہ معلومات
state-since = { $date } سے
state-waiting = ذمہ:
back-to-case = کیس پر واپس:
account-show = بیان دکھائیں
# review:
account-hint = یہ تکلیف دہ ہو سکتا ہے۔ ضرورت ہو تبھی پڑھیں۔
date-hearing = پیشی
# review:
date-missed = گزر گئی
date-why = یہ تاریخ کیوں
date-last-day = قانوناً آخری دن
date-internal-day = اس تاریخ تک مکمل کریں
date-duty = کس کی ذمہ داری
date-source = ماخذ
date-signed-off = وکیل کی تصدیق
not-signed-off = کسی وکیل نے تصدیق نہیں کی

# Recording
happened-label = یہ کب ہوا؟
happened-hint = ابھی ہوا ہے تو خالی چھوڑ دیں۔ ورنہ جہاں تک معلوم ہو، مقامی تاریخ اور وقت لکھیں۔
record-do = درج کریں
record-again = میں نے تبدیلیاں دیکھ لیں: درج کریں
conflict-title = اس دوران کسی اور نے اس کیس میں تبدیلی کی
conflict-text = آپ کا لکھا ہوا محفوظ ہے۔ دیکھیں نیا کیا ہے، ضرورت ہو تو درست کریں، پھر دوبارہ درج کریں۔
conflict-gone = نیا یہ ہے۔ جو آپ درج کرنا چاہتے تھے وہ اب ممکن نہیں۔
typed-kept = آپ نے یہ لکھا تھا۔ جو درکار ہو نقل کر لیں۔
errors-title = براہِ کرم یہ درست کریں
hint-phone = موبائل نمبر جیسے 03000000001، یا ملک کے کوڈ کے ساتھ۔
hint-cnic = 13 ہندسے، لکیر کے ساتھ یا بغیر۔
hint-money = روپوں میں۔
hint-future = یہ آئندہ کی تاریخ ہونی چاہیے۔
# review:
hint-narrative = لکھیں کہ کیا کہا گیا اور کس نے کہا۔ یہ خفیہ رکھا جاتا ہے اور کسی پیغام میں نہیں جاتا۔

error-required = یہ ضروری ہے
error-not_a_value = یہ پڑھا نہیں جا سکا
error-too_long = یہ بہت لمبا ہے
error-not_a_number = پورا عدد لکھیں
error-not_an_amount = رقم لکھیں، جیسے 1500
error-not_yes_or_no = ہاں یا نہیں منتخب کریں
error-not_a_choice = فہرست میں سے منتخب کریں
error-not_a_date = تاریخ دن/مہینہ/سال لکھیں
error-not_a_moment = تاریخ اور وقت لکھیں
error-not_a_time = وقت لکھیں، جیسے 16:30
error-not_future = یہ آئندہ کی تاریخ ہونی چاہیے
error-not_a_phone = موبائل نمبر یا ملک کے کوڈ والا نمبر لکھیں
error-not_a_cnic = شناختی کارڈ نمبر میں 13 ہندسے ہوتے ہیں
error-not_a_number_of_days = 1 سے 90 تک دنوں کی تعداد لکھیں
error-unknown_field = فارم میں ایسا خانہ تھا جسے پیشی نہیں جانتا؛ صفحہ دوبارہ کھولیں
error-happened_in_future = یہ آئندہ میں نہیں ہو سکتا
error-wrong_sign_in = پتہ یا پاس ورڈ درست نہیں۔
error-too_many_tries = بہت زیادہ کوششیں۔ چند منٹ رکیں۔
error-invalid = فارم میں کچھ درست نہیں۔
error-conflict = کسی اور نے پہلے تبدیلی کر دی۔ دیکھیں نیا کیا ہے اور دوبارہ کوشش کریں۔
error-not_now = یہ ابھی درج نہیں ہو سکتا: کیس آگے بڑھ چکا ہے۔
error-not_yours = یہ درج کرنا آپ کے ذمے نہیں۔ کیس کے وکیل یا رابطہ کار سے کہیں۔
error-guarded = اس قسم کے کیس کے اصول ابھی اس کی اجازت نہیں دیتے۔ پہلے کوئی اور کام ضروری ہے۔
error-not_found = یہ اب موجود نہیں۔ صفحہ دوبارہ کھولیں۔
error-already_open = یہ کیس پہلے سے کھلا ہے۔
# review:
error-pack_fault = اس کیس کے طریقِ کار میں خرابی ہے۔ منتظم کو بتائیں کہ آپ کیا درج کرنا چاہتے تھے۔

# Journal
# review:
journal-title = روداد
journal-hint = نیا اندراج پہلے۔ کچھ بدلا یا مٹایا نہیں جاتا: درستی ایک نیا اندراج ہے۔
journal-now = اب:
journal-moment = برائے
journal-reason = وجہ:
journal-learned = درج ہونے کی تاریخ
journal-newer = نئے اندراج
journal-older = پرانے اندراج
# review:
journal-head = کل اندراج: { $version }۔ آخری اندراج کا پڑتالی نشان:
actor-machine = پیشی (خودکار)
# review:
actor-importer = درآمد
fact-opened = کیس کھلا
fact-event_accepted = درج ہوا
fact-migrated = کیس قواعد کے نئے نسخے پر منتقل ہوا
fact-moved = صورتحال بدلی
fact-spawned = شروع
fact-data_set = معلومات تازہ ہوئیں
# review:
fact-timer_armed = الارم لگا
# review:
fact-timer_fired = الارم بجا
# review:
fact-timer_cancelled = الارم منسوخ
fact-deadline_started = تاریخ مقرر ہوئی
fact-deadline_moved = تاریخ اب نئے قواعد کے مطابق ہے
fact-deadline_missed = تاریخ گزر گئی
fact-deadline_ended = تاریخ ختم
fact-task_raised = کام درج ہوا
fact-task_done = کام مکمل
fact-violation_noted = خلاف ورزی درج ہوئی
fact-message_expected = پیغام طے ہوا
fact-team_joined = ٹیم میں شامل
fact-team_left = ٹیم سے الگ
fact-person_added = فرد کا نام درج ہوا
fact-permission_granted = رابطے کی رضامندی درج ہوئی
fact-permission_revoked = رابطے کی رضامندی واپس لی گئی

# Messages
messages-title = پیغامات
outbox-title = پیغامات
messages-hint = ہر متوقع پیغام اور اس کا انجام۔ درج شدہ رضامندی کے بغیر کسی خاندان کو کچھ نہیں جاتا۔
messages-caption = متوقع پیغامات، نئے پہلے
messages-none = کوئی پیغام نہیں۔
message-what = پیغام
message-case = کیس
message-no-case = کسی ایک کیس کا نہیں
message-for = کس کے لیے
message-due = کب
# review:
message-fate = انجام
message-attempts = { $count } بار کوشش ہوئی
# review: next line
message-may-have-left = یہ پیغام بھیجتے ہوئے مشین رک گئی تھی: ممکن ہے کہ یہ ایک بار جا چکا ہو۔
message-reminder = یاد دہانی
message-outcome_question = نتیجے کا سوال
message-missed = تاریخ گزر گئی
message-task = ایک کام
message-morning_digest = صبح کا خلاصہ
message-stalled_digest = ہفتہ وار جائزہ
message-scheduler_alarm = انتباہ: یاد دہانی کا نظام رک گیا تھا
message-family_meeting = اہلِ خانہ: ملاقات کی تاریخ
message-family_postponed = اہلِ خانہ: ملاقات ملتوی
message-family_please_call = اہلِ خانہ: فون کریں
message-family_news = اہلِ خانہ: پیش رفت
recipient-nobody = کوئی نہیں
fate-waiting = انتظار میں
fate-running = بھیجا جا رہا ہے
fate-done = بھیج دیا
fate-failed = ناکام
fate-suppressed = نہیں بھیجا
fate-cancelled = منسوخ
# review:
fate-dead = کوشش ختم: کسی کو خود دیکھنا ہو گا
reason-no_permission = اس فرد کی رضامندی درج نہیں۔
reason-permission_expired = رضامندی کی مدت ختم ہو گئی۔ دوبارہ پوچھیں۔
reason-phone_at_risk = یہ فون کسی خطرناک شخص کے ہاتھ میں ہو سکتا ہے۔
reason-safety_critical = خاندان کو شدید خطرہ ہے: خودکار پیغامات بند ہیں۔
reason-level_too_high = پیغام میں اجازت سے زیادہ بات ہے۔
reason-no_contact = کیس میں ایسا کوئی فرد درج نہیں جسے بتایا جائے۔
reason-account_closed = اکاؤنٹ بند ہے۔
reason-no_access = وصول کنندہ یہ کیس نہیں کھول سکتا۔
reason-superseded = جس بات کی اطلاع تھی وہ ہو چکی یا بدل گئی۔
reason-too_late = دیر ہو چکی تھی، فائدہ نہ ہوتا۔
reason-switched_off = پڑھنے والے نے یہ پیغامات بند کر رکھے ہیں۔
reason-nothing_to_say = بتانے کو کچھ نہیں تھا۔
reason-left_state = کیس آگے بڑھ گیا۔
reason-deadline_ended = یہ تاریخ اب نہیں رہی۔
reason-cancelled = بعد کے واقعے نے اسے منسوخ کر دیا۔
# review:
reason-too_early = اس کا وقت تاریخ مقرر ہونے سے پہلے تھا۔
# review:
reason-before_creation = اس کا وقت تاریخ معلوم ہونے سے پہلے گزر چکا تھا۔
reason-migrated = کیس قواعد کے نئے نسخے پر منتقل ہو گیا۔
reason-quiet_hours = محفوظ وقت کا انتظار ہے۔
# review:
reason-clock_went_back = سرور کی گھڑی پیچھے ہو گئی؛ دوبارہ اپنے وقت پر جائے گا۔
# review:
reason-case_erased = کیس مٹا دیا گیا تھا۔
reason-no_sms_gateway = ایس ایم ایس بھیجنے کا ذریعہ مقرر نہیں۔

# People
people-title = افراد
people-list = کیس کے افراد
people-silence-hint = جب تک رضامندی درج نہ ہو پیشی کسی سے رابطہ نہیں کرتا، اور اس کے بعد بھی کیس کی کوئی بات نہیں بتاتا۔
people-name = نام
people-name-hint = خفیہ رکھا جاتا ہے۔ کسی پتے، عنوان یا لاگ میں نہیں آتا۔
people-role = حیثیت
people-person = فرد
people-contact = رابطے کا ذریعہ
people-silent = رضامندی نہیں: خاموش
people-do = کیا کرنا ہے
people-revoke = رضامندی واپس لیں
people-add = فرد درج کریں
people-grant = رضامندی درج کریں
people-grant-hint = صرف اس وقت جب آپ نے خود بات کی ہو اور وہ راضی ہوں۔
people-grant-none = پہلے کوئی فرد درج کریں۔
people-grant-do = رضامندی درج کریں
people-channel = کس ذریعے سے
people-address = فون نمبر یا ای میل پتہ
people-language = پیغام کی زبان
people-days = کتنے دن کے لیے
people-days-hint = اس کے بعد پیشی خاموش رہے گا جب تک آپ دوبارہ نہ پوچھیں۔
people-safe-hours = محفوظ اوقات
people-safe-from = سے
people-safe-until = تک
people-safe_from = محفوظ اوقات، سے
people-safe_until = محفوظ اوقات، تک
people-at-risk = یہ فون کسی خطرناک شخص کے ہاتھ یا نظر میں ہو سکتا ہے۔ وہاں کوئی خودکار پیغام نہیں جائے گا۔
channel-sms = ایس ایم ایس
channel-email = ای میل
language-en = انگریزی
language-ur = اردو
language-ur-Latn = رومن اردو
# review:
person-affected_person = متاثرہ فرد
person-family_contact = اہلِ خانہ میں رابطہ
person-accused = ملزم
person-witness = گواہ
person-counsel = وکیل
person-officer = افسر

# Board
# review:
board-title = جائزہ
board-open = کھلے کیس
# review:
board-stalled = رکے ہوئے
board-blind = اگلی تاریخ نہیں
board-overdue = مدت گزر چکی
board-owners = تاخیر کس کی ہے
board-owners-caption = رکے ہوئے کیس، ذمہ دار کے لحاظ سے
board-owner = کس کے ذمے ہے
board-count = تعداد
board-stalled-caption = سب سے پرانے پہلے
board-stalled-none = کوئی کیس رکا ہوا نہیں۔
board-blind-caption = کھلا مقدمہ جس کی اگلی تاریخ نہیں
board-blind-none = ہر کھلے مقدمے کی اگلی تاریخ موجود ہے۔
board-overdue-caption = تاریخ گزر گئی اور کام باقی ہے
board-overdue-none = کسی کی مدت نہیں گزری۔

# System
admin-title = نظام
admin-hint = یہ صفحہ صرف نظام کی حالت دکھاتا ہے۔ کسی کیس کی کوئی بات نہیں۔
# review:
admin-health = حالت
# review:
admin-scheduler = خودکار نظام
admin-ticking = چل رہا ہے
admin-silent = خاموش: یاد دہانیاں نہیں جا رہیں
# review:
admin-last-tick = آخری بار کب چلا
admin-never = کبھی نہیں
admin-oldest = سب سے پرانا کام جس کا وقت ہو چکا
admin-nothing-due = کوئی نہیں
admin-database = ڈیٹا بیس
# review:
admin-jobs = خودکار کام
admin-jobs-none = کوئی کام نہیں۔
admin-jobs-hint = 10,000 سے آگے گنتی نہیں ہوتی۔
admin-job-kind = قسم
admin-job-state = صورتحال
admin-accounts = اکاؤنٹ
admin-active = داخل ہو سکتے ہیں
admin-accounts-hint = اکاؤنٹ کھولنے، بند کرنے اور نیا پاس ورڈ دینے کے لیے کمانڈ "peshi user" ہے۔
# review:
job-timer = الارم
job-message = پیغام
# review:
job-schedule = اوقات
# review:
job-webhook = ویب ہک

# فارم
# review: نئے الفاظ ایک وکیل دیکھے
required-sometimes = بعض صورتوں میں ضروری
hint-rough-date = جتنا معلوم ہو: 12/03/2026، 03/2026، 2026، 2009..2011، تقریباً 2010۔
hint-rough-time = جتنا معلوم ہو: 16:30، about 16:30، 16:00..18:00، یا dawn، morning، noon، afternoon، evening، night۔
error-not_an_approximate_date = دن، مہینہ جیسے 03/2026، یا سال لکھیں، یا دو کے درمیان ..؛ پہلے "تقریباً" لکھا جا سکتا ہے
error-not_an_approximate_time = وقت لکھیں جیسے 16:30، یا دو کے درمیان ..، یا دن کا حصہ
error-happened_twice = درست وقت لکھیں یا اندازہ، دونوں نہیں
rough-about = تقریباً
rough-to = تا
time-dawn = فجر
time-morning = صبح
time-noon = دوپہر
time-afternoon = سہ پہر
time-evening = شام
time-night = رات
known-more = وقت یقینی نہیں؟ بعد میں معلوم ہوا؟ بتائیں کس نے بتایا
happened-rough-label = اندازاً
happened-rough-hint = صرف اگر درست وقت معلوم نہ ہو۔
known_since-label = ہمیں کب سے معلوم ہے
known_since-hint = جس دن ہمیں معلوم ہوا، اگر آج نہیں: 12/03/2026۔
source-label = کس نے بتایا
source-hint = شخص یا کاغذ۔ یہ مہر بند رہتا ہے۔
known-happened = اندازاً کب ہوا
known-since = ہمیں کب سے معلوم ہے
known-source = کس نے بتایا

# خلاف ورزیاں
# review: خلاف ورزیوں کے الفاظ
case-nav-violations = خلاف ورزیاں
violations-title = خلاف ورزیاں
violations-link = بتائیں کیا ہوا، اور کیا ثبوت ہے
violations-hint = یہاں جو درج ہے مہر بند ہے۔ جب تک کوآرڈینیٹر وجہ کے ساتھ نہ کہے، کچھ شائع نہیں ہوتا۔
violations-none = کوئی خلاف ورزی درج نہیں ہوئی۔
violations-no-codes = اس قسم کے مقدمے میں خلاف ورزیوں کی فہرست نہیں۔
register-note = خلاف ورزی درج کریں
register-document = بتائیں کیا ہوا اور کیا ثبوت ہے
register-verify = میں نے بیان اور ثبوت دیکھ لیا
register-use = شکایت میں استعمال ہوئی
register-complaint = کس شکایت میں
register-publish = اشاعت کی اجازت دیں
register-withhold = اشاعت سے واپس لیں
register-why = کیوں
register-why-hint = کس نے اجازت دی، اور کیا چھوڑنا ضروری ہے۔
register-publishable = شائع ہو سکتی ہے
register-private = شائع نہیں ہو سکتی
register-status-noted = درج
register-status-documented = تفصیل درج
register-status-verified = تصدیق شدہ
register-status-used = استعمال شدہ
detail-code = کیا کیا گیا یا روکا گیا
detail-at = کب
detail-place = کہاں
detail-by = کس نے
detail-account = کیا ہوا
detail-proof = ثبوت
detail-reason = ثبوت کیوں نہیں
detail-complaint = کس شکایت میں
proof-document = دستاویز
proof-witness = گواہ
proof-recording = ریکارڈنگ
proof-none = کوئی نہیں
error-too_soon = پہلے کچھ اور ہونا ہے: تصدیق سے پہلے تفصیل، اور استعمال یا اشاعت سے پہلے تصدیق۔
fact-violation_documented = خلاف ورزی کی تفصیل درج ہوئی
fact-violation_verified = خلاف ورزی کی تصدیق ہوئی
fact-violation_used = خلاف ورزی شکایت میں استعمال ہوئی
fact-violation_publishable = خلاف ورزی کی اشاعت کا فیصلہ
said-violation_noted = خلاف ورزی درج ہو گئی۔
said-violation_documented = جو ہوا درج ہو گیا۔
said-violation_verified = خلاف ورزی تصدیق شدہ شمار ہوگی۔
said-violation_used = شکایت درج ہو گئی۔
said-violation_publishable = فیصلہ درج ہو گیا۔
panel-unknown = ابھی معلوم نہیں
register-title = تمام مقدمات کی خلاف ورزیاں
register-code = خلاف ورزی
register-status = کہاں تک
register-any = کوئی بھی
register-show = دکھائیں
register-newer = نئی
register-older = پرانی
register-link = تمام مقدمات کی خلاف ورزیاں
# Changing a date
# review: every line below
date-change = یہ تاریخ بدلیں
date-stopped = میعاد رکی ہوئی
date-overridden = وکیل نے مقرر کی؛ حساب سے: { $date }
date-stop = میعاد روکیں
date-stop-category = کیوں رکی
date-reason = وجہ، لفظوں میں
date-resume = میعاد دوبارہ چلائیں
date-resume-hint = رکنے کے وقت جتنا وقت باقی تھا وہ آج سے چلے گا۔
date-override = یہ تاریخ مقرر کریں
date-override-day = دوسرا آخری دن
date-proof = پورا ہونے کا ثبوت، یا ضروری نہ ہونے کی وجہ
date-met = پورا ہو گیا
date-excuse = ضروری نہیں
date-idle = قواعد جو یہاں نہیں چلتے
idle-not_in_force = جب یہ شروع ہوا تو اس کا قانون نافذ نہ تھا
idle-no_moment = جس تاریخ سے گنتی ہے وہ ابھی درج نہیں
said-date_changed = تاریخ بدل دی گئی۔
error-limitation_runs = قانونی میعاد چلتی رہتی ہے: صرف عدالت کا حکمِ امتناعی روکتا ہے۔
problem-limitation_runs-title = قانونی میعاد چلتی رہتی ہے
problem-limitation_runs-text = کچھ نہیں بدلا۔ فریقین کچھ بھی طے کریں، قانونی میعاد صرف عدالت کا حکمِ امتناعی روکتا ہے۔
fact-deadline_stopped = میعاد روکی گئی
fact-deadline_resumed = میعاد دوبارہ چلی
fact-deadline_overridden = وکیل نے تاریخ مقرر کی
fact-deadline_settled = تاریخ پوری یا معاف
reason-stopped = میعاد روک دی گئی۔
reason-resumed = میعاد دوبارہ چلی اور تاریخ بدل گئی۔
reason-overridden = وکیل نے دوسری تاریخ مقرر کی۔
reason-copy_time = مصدقہ نقل مل گئی اور تاریخ بدل گئی۔
reason-calendar = کیلنڈر بدلا اور تاریخ بدل گئی۔

# Calendars
# review: every line below
calendar-title = عدالتیں بند ہونے کے دن
calendar-hint = ہڑتال، مقامی تعطیل یا بندش شامل کریں، یا تہوار کی تصدیق کریں۔ پہلے دکھایا جائے گا کہ کون سی تاریخیں بدلیں گی۔ پیشی وہیں رہتی ہے جہاں عدالت نے رکھی: نئی تاریخ معلوم کرنے کا کام بنتا ہے۔
calendar-days = آنے والے دن
calendar-add = دن شامل کریں
calendar-which = کیلنڈر
calendar-day = دن
calendar-name = نام
calendar-status = کیا ہے
day-status-confirmed = بند، اعلان شدہ
day-status-provisional = بند، تصدیق باقی
day-status-open = کھلا، اگرچہ بند سمجھا گیا تھا
calendar-only-hint = اگر دن سب عدالتوں کے لیے بند ہو تو یہ خالی چھوڑیں۔
calendar-province = صرف یہ صوبہ
calendar-city = صرف یہ شہر یا ضلع
calendar-court = صرف اس قسم کی عدالت
calendar-look = دکھائیں کیا بدلے گا
calendar-wrong = کچھ رہ گیا یا معلوم نہیں۔ کیلنڈر، تاریخ اور نام ضروری ہیں؛ کھلا دن سب کے لیے کھلتا ہے۔
calendar-would = تاریخیں جو بدلیں گی
calendar-moves-none = کوئی تاریخ نہیں بدلتی۔
calendar-from = سے
calendar-to = تک
calendar-hearing = پیشی: نئی تاریخ معلوم کرنے کا کام بنے گا
calendar-sure = دن شامل کریں اور تاریخیں بدلیں
calendar-leave = کچھ نہ بدلیں
calendar-confirm = تصدیق
calendar-moving = تاریخیں ابھی بدل رہی ہیں
said-day_added = دن شامل ہو گیا، اور متعلقہ تاریخیں بدل گئیں۔

# Documents
# review: every line below
case-nav-documents = دستاویزات
documents-title = دستاویزات
documents-link = کاغذات، تصویریں اور ریکارڈنگ شامل کریں، یا نقل لیں
documents-add = دستاویز شامل کریں
documents-hint = فائلیں مہر بند رکھی جاتی ہیں۔ فائل کا نام صرف کیس کی ٹیم اور رابطہ کار دیکھ سکتے ہیں، اور وہی نقل لے سکتے ہیں۔ ہر نقل لینا کیس کی روداد میں درج ہوتا ہے۔
documents-file = فائل
documents-kinds = تصویر یا سکین، پی ڈی ایف، آواز یا کوئی اور ریکارڈنگ، ویڈیو، متن یا دفتری فائل۔ زیادہ سے زیادہ { $most }۔
documents-list = کیس کی دستاویزات
documents-none = کوئی دستاویز شامل نہیں ہوئی۔
documents-added = شامل ہوئی
documents-copies = { $count ->
    [0] کوئی نقل نہیں لی گئی
    [one] ایک نقل لی گئی
   *[other] { $count } نقلیں لی گئیں
}
documents-copy = نقل لیں
documents-sum = پڑتالی نشان
documents-sum-hint = فائل کا SHA-256۔ یہ روداد میں بھی درج ہے: جس نقل کا پڑتالی نشان مختلف ہو وہ یہ فائل نہیں۔
documents-remove = ہٹائیں
documents-remove-hint = فائل ہمیشہ کے لیے ہٹا دی جاتی ہے؛ پہلے بنے بیک اپ میں وہ ان کے مٹائے جانے تک رہتی ہے۔ اس کا نام اور ہٹانے کی وجہ کیس کی روداد میں رہتی ہے۔
documents-removed = ہٹا دی گئی
document-name = فائل کا نام
document-number = دستاویز
document-why = ہٹانے کی وجہ
document-kind-picture = تصویر
document-kind-pdf = پی ڈی ایف
document-kind-recording = ریکارڈنگ
document-kind-video = ویڈیو
document-kind-text = متن
document-kind-office = دفتری فائل
document-kind-other = فائل
size-kb = { $amount } کے بی
size-mb = { $amount } ایم بی
fact-document_added = دستاویز شامل ہوئی
fact-document_copied = دستاویز کی نقل لی گئی
fact-document_removed = دستاویز ہٹا دی گئی
said-document_added = دستاویز شامل ہو گئی۔
said-document_removed = دستاویز ہٹا دی گئی۔
error-too_large = فائل بہت بڑی ہے؛ اسے چھوٹا کریں یا حصوں میں بھیجیں
error-not_a_document = اس قسم کی فائل نہیں لی جاتی؛ فارم پر لکھا ہے کہ کون سی لی جاتی ہیں
error-bad_name = فائل کا یہ نام استعمال نہیں ہو سکتا؛ کوئی اور، مختصر نام دیں
error-known = یہ فائل پہلے سے کیس میں ہے: دستاویز { $number }۔
problem-known-title = یہ فائل پہلے سے کیس میں ہے
problem-known-text = کچھ نہیں بدلا۔ اسے کیس کی دستاویزات میں دیکھیں۔
