# Words inside pictures of charts. The names of states and events come from each pack.

picture-title = خاکہ: { $what }
picture-desc = ایسا معاملہ کیسے چل سکتا ہے۔ اس کے حصے: { $states }۔
picture-desc-now = ایسا معاملہ کیسے چل سکتا ہے، اور یہ معاملہ اب کہاں ہے: { $states }۔
picture-now = اب
picture-closes = کیس بند
picture-starts = آغاز: { $where }
picture-leads = { $event }: اس کے بعد { $where }
picture-once = جونہی شرط پوری ہو
picture-always = فوراً
picture-any-event = کوئی بھی واقعہ
picture-missed = مدت گزر گئی: { $what }
picture-missed-here = مدت گزر گئی
picture-done = مکمل ہوا: { $what }
picture-after = { $period } بعد

picture-milliseconds = { $n } ملی سیکنڈ
picture-seconds = { $n } سیکنڈ
picture-minutes = { $n } منٹ
picture-hours = { $n ->
    [one] 1 گھنٹے
   *[other] { $n } گھنٹے
}
picture-days = { $n } دن
picture-working-days = { $n } کام کے دن
picture-weeks = { $n ->
    [one] 1 ہفتے
   *[other] { $n } ہفتے
}
picture-months = { $n ->
    [one] 1 مہینے
   *[other] { $n } مہینے
}
picture-years = { $n } سال

# The key below a picture.
picture-key-now = اب یہاں ہے
picture-key-was = یہاں سے گزر چکا
picture-key-way = جس راستے سے آیا
picture-key-start = یہاں سے آغاز
picture-key-final = اس حصے کا اختتام
picture-key-history = واپس وہیں جہاں پہلے تھا
picture-key-region = ساتھ ساتھ چلنے والے حصے
picture-key-clock = وقت کی بات
picture-key-condition = صرف شرط پوری ہونے پر
picture-key-from-anywhere = اپنے گروہ کی ہر حالت سے
picture-key-again = یہی حالت نئے سرے سے، یا دوسرا حصہ
picture-key-stays = درج ہوتا ہے، حالت وہی رہتی ہے
picture-key-opens = ایک الگ سلسلہ شروع: کارروائی یا پیشی
picture-key-quiet = خود بخود ہوتا ہے

# The page of a case's picture.
case-nav-picture = خاکہ
case-picture-link = خاکے کی شکل میں دیکھیں
case-picture-title = کیس کا خاکہ
case-picture-hint = ہر خانہ ایک حالت ہے جس میں کیس ہو سکتا ہے، اور ہر تیر ایک بات جو ہو سکتی ہے۔ موٹا کنارہ اور لفظ "اب" بتاتے ہیں کہ کیس اب کہاں ہے، اور موٹے تیر بتاتے ہیں کہ کس راستے سے آیا۔
case-picture-words = یہی بات لفظوں میں
case-picture-now = کیس اب یہاں ہے
case-picture-way = جس راستے سے آیا
case-picture-when = کب
case-picture-what = کیا ہوا
case-picture-from = کہاں سے
case-picture-to = کہاں تک
case-picture-no-way = ابھی کچھ آگے نہیں بڑھا۔
case-picture-more = یہاں جتنی کارروائیاں اور پیشیاں دکھائی گئی ہیں، ان سے { $n } زیادہ جاری ہیں۔
