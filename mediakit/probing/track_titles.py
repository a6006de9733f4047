"""What the title of a track says it is for, in the larger languages.

Titles are compared without case and accents: people write "Rezisersky komentar" as often as it is spelled right.
"""

import re
import unicodedata

# Roles of sound and subtitle tracks; "" is the main one. Roles are stored, and shown by the pages and the API.
DUB, HARD_OF_HEARING, DESCRIPTION = "dub", "hard_of_hearing", "description"
COMMENTARY, MUSIC, SIGNS = "commentary", "music", "signs"

_COMBINING = re.compile("[\u0300-\u036f]")  # accents of Latin, Greek and Cyrillic letters


def fold(text: str) -> str:
    """Lower case without accents; signs of scripts that need them stay."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", _COMBINING.sub("", apart)).replace("ı", "i")


def _any_of(*words: str) -> re.Pattern[str]:
    return re.compile(fold("|".join(words)))


# In the order in which they are looked for: some languages name a description after a commentary.
_ROLES = (
    (
        DESCRIPTION,
        _any_of(
            r"\b(audio|video)[\s-]*de[sz]?[ck]r[iy]|\bdescri(bed|ptive|ption|pci|zione)|descriere audio",
            r"visual(ly)?[\s-]*impair|\bfor the blind\b|\bnarration\b|\bdvs\b|\bad\b",
            r"hörfilm|bildbeschreib|audiodeskr|\bblinde(n|nfassung)?\b|sehbehindert|audiobeschrijving|slechtziend",
            r"syntolk|synstolk|lydbeskriv|synskad|synshem|kuvailutulk|näkövamm|sjónlýsing|kirjeldustõlge",
            r"malvoyant|non[\s-]*voyant|aveugle|audiovision|\bciegos|invident|discapacidad visual",
            r"deficientes visuais|deficiência visual|\bcegos\b|non\s*vedenti|\bciechi\b|nevăzător",
            r"niewidom|niedowidz|nevidom|nevidiac|slabozrak|zvukový popis|zvočni opis|\bslijep|\bslep[eai]\b",
            r"hangalámond|narráció|látássérült|\bvakok|betimleme|görme engel|deskripsi|tunanetra|penerangan audio",
            r"а[уў]д[иі]о\s*(дескр|опи[сш])|тифлоко|слеп[ыи]|незряч|сліп|слабовид|слабозор",
            r"(ακουστικη|ηχητικη)\s*περιγραφη|τυφλ|\bmô tả\b|khiếm thị\b|thuyết minh hình",
            r"תיאור\s*(קולי|שמע)|עיוור|לקויי\s*ראי|(ال)?وصف\s*(ال)?(صوتي|سمعي)|مكفوف|نابینا|توضیحات صوتی",
            r"(ऑडियो|श्रव्य)\s*(विवरण|वर्णन|डिस्क्रि)|दृष्टि\s*बाधित|অডিও\s*বর্ণনা|ஒலி\s*விவர|บรรยายภาพ|ตาบอด",
            r"(화면|음성)\s*해설|시각\s*장애|오디오\s*디스크립션|해설\s*방송",
            r"音声(ガイド|解説)|解説(音声|放送)|視覚障|ディスクリプション",
            r"口述(影像|電影|电影)|无障碍|無障礙|(音[频頻]|[语語]音|声音|聲音)描述|[視视]障|盲人",
        ),
    ),
    (
        COMMENTARY,
        _any_of(
            r"[ck]omm?ent|\b(director|cast|producer|writer|filmmaker)s?['’]?s?\s+(audio\s+)?track|\brifftrax\b",
            r"комм?ентар|режисс?[её]рская дорожка|σχολι|\byorum|\bulasan\b|bình luận",
            r"פרשנות|הערות\s*הבמאי|تعليق|تفسیر|टिप्पणी|कमेंट|कॉमेंट",
            r"คอมเมน|ความ(คิด)?เห็น|วิจารณ์|코멘터리|코멘트|해설|コメンタリ|解説|副音声",
            r"[评評][论論述]|[讲講][评評解]|[导導][评評]",
        ),
    ),
    (
        MUSIC,
        _any_of(
            r"[ck]araok|караоке|가라오케|노래방|반주|カラオケ|卡拉|伴奏|קריוקי|كاريوكي|कराओके|คาราโอเกะ",
            r"\binstrument|инструментал|минусов|\boff[\s-]*vocal|オフボーカル|\bisolated\b|\bm\s*&\s*e\b|\bscore\b",
            r"\bmusi[ckq](?!al|ia)|\bmusiikki|\bmuz[iy][ck]|\bmuziek|\bhudba|\bzene\b|\bglazba|музык|музик",
            r"μουσικ|(מוזיקה|מוסיקה)|موسيق|संगीत|ดนตรี|\bnhạc\b|음악|音楽|音[乐樂]|配[乐樂]",
        ),
    ),
    (
        HARD_OF_HEARING,
        _any_of(
            r"\bsdh\b|\bcc\b|closed[\s-]*caption|hearing|\bdeaf\b|\bhoh\b|hörgesch|gehörlos|schwerhörig|slechthor|\bdoven\b",
            r"malentend|\bsourds\b|\bsordos\b|hipoac|non\s*udenti|\bsordi\b|\bsurdos\b|deficientes auditivos|\bsurzi\b",
            r"hörselsk|hørehæm|hørselshem|\bdöva\b|\bdøve\b|kuulovamm|niesłysz|niedosłysz|neslyšíc|nepočuj",
            r"hallássérült|\bsiket|işitme\s*engel|tunarungu|tuna rungu|khiếm thính|người điếc",
            r"глух|слабослыш|слабочу|κωφ|βαρηκο|חירש|חרשים|כבדי\s*שמיעה|للصم|ضعاف\s*السمع|श्रवण|बधिर",
            r"หูหนวก|การได้ยิน|청각\s*장애|배리어\s*프리|聴覚障|耳の不自由|バリアフリー|[听聽]障|[聋聾]",
        ),
    ),
)
_SIGNS = _any_of(
    r"\bsigns?\b|\bsongs?\b|\bforced\b|\blyrics\b|\bs\s*&\s*s\b|\btypeset|\bforeign\b|\bnon[\s-]english\b",
    r"\bschilder\b|erzwungen|\blieder\b|geforceerd|gedwongen|\bliedjes|tving|tvung|\bskyltar|\bskilte?\b|\bpakote|\bkyltit",
    r"\bforcé|\bpanneaux|\bchansons|\bforzad|\bforzos|\bcarteles|\bcanciones|\bforzat|\bcartelli|\bcanzoni|\bforçad|\bplacas\b",
    r"\bforțat|wymuszon|\bpiosenki|vynucen|nucené|vynúten|kényszer|\bzorunlu|zorlanm|\btabela|\bşarkı",
    r"\bdipaksa|\bpaksa\b|\bwajib|\btanda\b|\blagu\b|bắt buộc|bài hát|biển báo",
    r"надпис|форс|вывеск|песн|написи|примусов|пісн|αναγκαστικ|πινακιδ|τραγουδ",
    r"מאולץ|כפוי|שלטים|שירים|إجباري|قسري|لافتات|أغان|जबरन|बाध्य|फोर्स्ड|บังคับ|ป้าย|เพลง",
    r"강제|간판|자막판|노래|가사|삽입곡|強制|看板|歌詞|挿入歌|部分字幕|强制|特效|歌词|招牌|(屏幕|[画畫]面)字",
)
# A title that says so names what is said, even when it names signs as well.
_DIALOGUE = _any_of(
    r"\bfull\b|\bcomplete|\bdialog|\bdiálog|\bvoll|\bcomplet|\bintégral|\bkomplet|\bpełne|\bvolledig|\bteljes|\blengkap",
    r"полн|повн|диалог|діалог|πληρ|διαλογ|đầy đủ|lời thoại|מלא|דיאלוג|كامل|حوار|पूर्ण|संवाद|บทสนทนา|ฉบับเต็ม",
    r"전체|대사|完全|完整|全字幕|セリフ|台詞|对白|對白",
)
# A track "without music" has what is said, and one "without commentary" what is heard in the video.
_WITHOUT = _any_of(
    r"\b(no|without|w/o|ohne|zonder|utan|uden|uten|ilman|sans|sin|sem|senza|bez|без|fără|tanpa|không|χωρίς)\s+([^\s]+\s+)?$",
    r"\bnon[\s-]+$|(ללא|بدون|بلا|無|无|沒有|没有|不含|ไม่มี)\s*$",
)
_WITH_NONE = re.compile(r"\w{0,4}\s*(없|제외|なし|無し|抜き|nelkul|free\b)")


def title_role(title: str) -> str:
    """The role of a sound track that its title names; "" for none."""
    folded = fold(title)
    return next((role for role, words in _ROLES if _is_with(words, folded)), "")


def subtitle_title_role(title: str) -> str:
    """The role of a subtitle track that its title names; "" for what is said."""
    folded = fold(title)
    if _SIGNS.search(folded) and not _DIALOGUE.search(folded):
        return SIGNS
    return title_role(title)


def _is_with(words: re.Pattern[str], title: str) -> bool:
    """Whether one of the words is in a title, and not as what the track is without."""
    return any(
        not _WITHOUT.search(title[: found.start()]) and not _WITH_NONE.match(title, found.end())
        for found in words.finditer(title)
    )
