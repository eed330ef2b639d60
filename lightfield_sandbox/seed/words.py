"""The names and texts of the seeded workspace."""

# ruff: noqa: RUF001 - names have letters that look like Latin ones

COMPANY_DOMAIN = "lightfield-demo.example"

# The first ones are in every workspace, so that two share members as two of one company do.
MEMBERS = (
    ("Ada", "Okafor"), ("Björn", "Lindqvist"), ("Chloé", "Dubois"), ("Diego", "Ramírez"), ("Emi", "Tanaka"),
    ("Farid", "Haddad"), ("Grace", "O'Neill"), ("Hana", "Novák"), ("Ivan", "Petrov"), ("Julia", "Weiß"),
    ("Kofi", "Mensah"), ("Lucía", "Fernández"),
)  # fmt: skip

FIRST_NAMES = (
    "Anna", "Bob", "Carlos", "Zoë", "Dmitri", "Élodie", "François", "Giulia", "Hiroshi", "Ingrid", "Jamal",
    "Keiko", "Łukasz", "María", "Nguyễn", "Ørjan", "Priya", "Quentin", "Renée", "Søren", "Tomás", "Ursula",
    "Võ", "Wei", "Ximena", "Yusuf", "Žofia", "Aïcha", "Brigitte", "Chidi", "Müge", "Sinéad", "Owen", "Sam",
    "Alex", "Jo", "Ann", "Joann",
)  # fmt: skip

LAST_NAMES = (
    "Smith", "García", "Müller", "Kowalski", "Nakamura", "O'Brien", "Østergaard", "Silva", "Dupont",
    "Rossi", "Kim", "Zhang", "Иванова", "Ångström", "Çelik", "van der Berg", "de la Cruz", "Nwosu", "Patel",
    "Schäfer", "Jansson", "Horváth", "Papadopoulos", "Yıldız", "Lê", "Ferrari", "Andersen", "Novak",
    "Weber", "Moreau", "Santos", "Haddad", "Lindgren", "Fox",
)  # fmt: skip

# How an address spells the letters that NFKD does not decompose.
ASCII_SPELLINGS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d"})

COMPANY_STEMS = (
    "Northwind", "Blue Harbor", "Acme", "Kestrel", "Élan", "Mañana", "Zürich", "Ostsee", "Sakura", "Vertex",
    "Juniper", "Copperfield", "Lumen", "Granite", "Polaris", "Tidewater", "Saffron", "Cobalt", "Willow",
    "Meridian", "Fjord", "Delta", "Orchard", "Quantum", "Harvest", "Nimbus", "Beacon", "Cedar", "Atlas",
    "Summit", "Crème", "Ironclad",
)  # fmt: skip
COMPANY_KINDS = (
    "Logistics", "Systems", "Foods", "Analytics", "Robotics", "Health", "Energy", "Studios", "Labs",
    "Partners", "Textiles", "Software", "Marine", "Capital", "Publishing", "Tools", "Mobility", "Brewing",
    "Security", "Optics",
)  # fmt: skip
COMPANY_FORMS = ("", "", "", " Inc.", " GmbH", " Ltd", " S.A.", " AB", " & Co.", " 株式会社")

CITIES = (
    ("Berlin", None, "DE", "10115", 52.53, 13.38), ("Austin", "TX", "US", "73301", 30.27, -97.74),
    ("São Paulo", "SP", "BR", "01310-100", -23.56, -46.66), ("Kraków", None, "PL", "30-001", 50.06, 19.94),
    ("大阪", None, "JP", "530-0001", 34.70, 135.50), ("Lyon", None, "FR", "69001", 45.77, 4.83),
    ("Toronto", "ON", "CA", "M5H 2N2", 43.65, -79.38), ("Nairobi", None, "KE", "00100", -1.29, 36.82),
)  # fmt: skip
STREETS = (
    "Main Street", "Rue de la République", "Königsallee", "Avenida Paulista", "High Street", "Marktplatz",
)  # fmt: skip

TITLES = (
    "CEO", "VP Sales", "Head of IT", "Procurement Lead", "Directrice financière", "Software Engineer",
    "Geschäftsführer", "Operations Manager", "CTO", "Office Manager", "Data Analyst", "営業部長",
)  # fmt: skip

DEAL_KINDS = (
    "Platform", "Expansion", "Renewal", "Pilot", "Seats 2026", "Data add-on", "Ünïcode migration",
    "Support plan",
)  # fmt: skip
NEXT_STEPS = ("Send proposal", "Book a demo", "Legal review", "Wait for budget", "Call the champion back")
CLOSE_REASONS = ("Price", "No decision", "Best fit", "Lost to a competitor", "Timing")
TASK_TITLES = (
    "Send the contract", "Follow up on pricing", "Prepare the QBR", "Intro to security team",
    "Update the forecast", "Ask for a reference", "Rückruf vereinbaren", "Check the invoice",
)  # fmt: skip
NOTE_TITLES = (
    "Discovery call", "Pricing discussion", "Renewal risk", "Champion left", "Onboarding",
    "Réunion trimestrielle",
)  # fmt: skip
MEETING_TITLES = ("Kick-off", "Demo", "QBR", "Technical deep dive", "Negotiation", "Weekly sync")
ROLES = ("admin", "member", "member", "viewer")
HANDLES = {
    "LINKEDIN": "https://www.linkedin.com/{kind}/{slug}",
    "TWITTER": "https://x.com/{slug}",
    "FACEBOOK": "https://www.facebook.com/{slug}",
    "INSTAGRAM": "https://www.instagram.com/{slug}",
}

MARKDOWN_BLOCKS = (
    "## Background\n\nThey run **three** regional warehouses and plan a fourth in Q3.\n",
    "- Budget: approved\n- Authority: the CFO signs\n- Timeline: before the fiscal year ends\n",
    "> “We can't go live without SSO.”\n\nAsked for the white paper; see [our docs](https://docs.example/sso).\n",
    "| Plan | Seats | Price |\n|---|---|---|\n| Team | 40 | € 12,000 |\n| Enterprise | 400 | € 96,000 |\n",
    "Nächste Schritte: Angebot senden, Rückfrage zu §7 klären — dann 見積もり.\n",
    "```sql\nSELECT name, arr FROM accounts WHERE tier = 'Enterprise';\n```\n",
    'Emoji survive: 🚀 ✅ and so do "quotes", back\\slashes and\ttabs.\n',
)

EMAIL_SUBJECTS = (
    "Contract draft", "Angebot für 2027", "Pricing question", "Quick intro?", "Réunion de mardi",
    "Invoice 4711", "見積もりのお願い", "Security review", "Next steps 🚀", "(no real subject)",
)  # fmt: skip
EMAIL_BODIES = (
    "<p>Hi,</p><p>please find the draft attached.</p><p>Best,<br>Ada</p>",
    "<div>Thanks &amp; regards</div>",
    "<p>Können wir auf <b>Dienstag</b> verschieben?</p>\n<p>Viele Grüße</p>",
    '<p>See <a href="https://docs.example/sso?a=1&amp;b=2">the docs</a>.</p><blockquote>&gt;</blockquote>',
    "<html><body><table><tr><td>Seats</td><td>40</td></tr></table></body></html>",
    "<p>はい、お願いします。</p>",
)
CHANNELS = (
    ("general", "SLACK"), ("deal-northwind", "SLACK"), ("Vertrieb DACH", "TEAMS"),
    ("Ximena Silva", "LINKEDIN"), ("incident-room", "TEAMS"),
)  # fmt: skip
CHAT_LINES = (
    "On it 👍", "Can somebody share the *deck*?", "They signed!", "Wer übernimmt das?", "see https://docs.example/sso",
    "了解です", "`SELECT 1;` works again", "Let's move this to a call",
)  # fmt: skip

# File names as people and attackers choose them; two are the same.
FILES = (
    ("report.pdf", "application/pdf"), ("call.vtt", "text/vtt"), ("../../etc/passwd", "text/plain"),
    ("a/b\\c", "application/octet-stream"), ("report.pdf", "application/pdf"), ("CON", "text/plain"),
    (f"{'long ' * 60}name.txt", "text/plain"), ("結果 報告 🚀.pdf", "application/pdf"), (" ", "image/png"),
    ("unfinished.csv", "text/csv"), ("cancelled.docx", "application/msword"),
    ("given-up.zip", "application/zip"),
)  # fmt: skip
APP_FILES = (
    ("logo.png", "image/png"), ("transcript.vtt", "text/vtt"), ("..", "text/plain"),
    ("line\nbreak\t\u202egnp.exe", "application/octet-stream"),
)  # fmt: skip
