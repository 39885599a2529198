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
