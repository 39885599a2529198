# Public sentences in Roman Urdu, for phones that show no Urdu letters. Words that betray nothing.
public-preparing = Hum kaghaz tayyar kar rahe hain.
public-asked = Hum ne baat pahuncha di hai aur jawab ka intezar hai.
public-moving = Kaam aage barh raha hai.
public-waiting = Hamein tareekh ya jawab ka intezar hai.
public-please_call = Jab aap ko asani ho, hamein phone karein.
public-finished = Kaam mukammal ho gaya hai. Aap ab bhi hamein phone kar sakte hain.
