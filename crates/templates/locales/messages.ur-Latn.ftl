# Messages for families at disclosure level 0, in Latin letters and within the 7-bit SMS alphabet.
family-subject-reminder = Yaad dehani
family-subject = Aap ke liye paigham
family-meeting = Salam. Aap ki mulaqat { $day }, { $time } hai. Shukriya.
family-meeting-unset = Salam. Aap ki mulaqat ki tareekh hum aap ko bataein ge. Shukriya.
family-postponed = Salam. Mulaqat ab { $day } ko ho gi. Pehle wale din na aaein.
family-postponed-unset = Salam. Mulaqat bataye gaye din nahin ho gi. Nai tareekh baad mein bataein ge.
family-please-call = Salam. Jab asani ho, hamein phone karein ya miss call dein. Shukriya.
family-news = Salam. Aap ke kaam mein pesh raft hui hai. Tafseel phone par bataein ge.
