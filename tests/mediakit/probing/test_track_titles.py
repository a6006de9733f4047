"""Titles of tracks tell their roles in the languages that people write them in."""

import pytest

from mediakit.probing.track_roles import audio_role, main_video, subtitle_role

DESCRIPTION = """
Audio Description | English (AD) | Descriptive Audio | DVS
Described Video | For the visually impaired | Narration
Hörfilmfassung | Audiodeskription | Bildbeschreibung | Für Blinde und Sehbehinderte
Audiodescripción | Audiodescripcion (ES) | Audiodescrição | Audiodescritivo | Para deficientes visuais
Audiodescription | Français (audiovision) | Pour malvoyants | Audiodescrizione | Per non vedenti
Audiodescriptie | Voor blinden en slechtzienden | Syntolkning | Synstolking | Synstolkning | Lydbeskrivelse
Kuvailutulkkaus | Audiodeskrypcja | Dla niewidomych | Popis pro nevidomé
Komentář pro nevidomé | Pre nevidiacich
Hangalámondás | Narráció | Látássérülteknek | Audiodescriere | Pentru nevăzători | Sesli betimleme
Аудиодескрипция | Тифлокомментарий | Для слепых | Аудіодескрипція | Аудіоопис | Для незрячих
Ακουστική περιγραφή | תיאור קולי | תיאור שמע | الوصف الصوتي | وصف صوتي للمكفوفين | ऑडियो विवरण
เสียงบรรยายภาพ | Mô tả âm thanh | Cho người khiếm thị | Deskripsi audio | Untuk tunanetra
화면해설 | 화면 해설 방송 | 음성 해설 | 音声ガイド | 解説音声 | 解説放送 | 口述影像 | 无障碍音轨 | 視障口述 | 音频描述
"""
COMMENTARY = """
Director's commentary | Comments | Director's track | Cast track | Audio Commentary with the crew
Kommentar der Regie | Regiekommentar | Audiokommentar | Commentaire audio | Commentaires du réalisateur
Comentario del director | Comentários do diretor | Commento del regista
Regisseurscommentaar | Regissörens kommentarspår
Instruktørens kommentar | Ohjaajan kommenttiraita | Komentarz reżysera | Komentář režiséra | Rezisersky komentar
Rendezői kommentár | Comentariul regizorului | Yönetmen yorumu | YÖNETMEN YORUMU | Комментарий режиссёра
Коментар режисера | Σχόλια σκηνοθέτη | פרשנות הבמאי | تعليق المخرج | निर्देशक की टिप्पणी | คอมเมนทารี
Bình luận của đạo diễn | Komentar sutradara | 감독 코멘터리 | 감독 해설 | コメンタリー
副音声 | 评论音轨 | 導演講評 | 导评
"""
MUSIC = """
Karaoke | Instrumental | M&E | Isolated score | Music only | Nur Musik | Musique seule | Solo música | Só música
Solo musica | Alleen muziek | Bara musik | Tylko muzyka | Jen hudba | Csak zene | Doar muzică | Sadece müzik
Только музыка | Лише музика | Μόνο μουσική | מוזיקה בלבד | موسيقى فقط | केवल संगीत | ดนตรี | Chỉ nhạc | Karaokê
노래방 | 배경 음악 | カラオケ | 音楽のみ | 仅音乐 | 伴奏 | 卡拉OK | Караоке | Минусовка
"""
HARD_OF_HEARING = """
English SDH | For the hearing impaired | Closed captions | Für Gehörlose | Sourds et malentendants | Para sordos
Para surdos e deficientes auditivos | Per non udenti | Voor doven en slechthorenden
För hörselskadade | Hørehæmmede
Kuulovammaisille | Dla niesłyszących | Pro neslyšící | Siketeknek | Pentru surzi | İşitme engelliler için
Для глухих и слабослышащих | Для глухих | Για κωφούς και βαρήκοους | כבדי שמיעה | للصم وضعاف السمع | बधिर
สำหรับผู้บกพร่องทางการได้ยิน | Cho người khiếm thính | Untuk tunarungu | 청각 장애인용 | 聴覚障害者用 | 听障 | 聽障字幕
"""
PLAIN_SOUND = """
 | Stereo | English 5.1 | Adam | Main | 한국어 | 日本語 | Dolby AD5
Director's Cut | Original | Español latino | Polski lektor
No commentary | Ohne Kommentar | Sans commentaire | Without music
Bez muzyki | Без музыки | No audio description
음악 없음 | 無音楽 | Musical (stereo) | Русский дубляж | ไทย | العربية | हिन्दी | Deutsch (DD+) | Voice only
"""
SIGNS = """
Signs & Songs | Signs/Songs | Forced | Lyrics | Foreign parts only | Typesetting | S&S | NO Forced
Deutsch (erzwungen) | Schilder und Lieder | Français forcés | Panneaux et chansons
Forzados | Carteles y canciones
Forçadas | Placas e músicas forçadas | Forzati | Cartelli | Geforceerd | Tvingade
Tvungne | Pakotetut | Wymuszone | Vynucené
Kényszerített | Forțate | Zorunlu | Французские надписи | Форсированные | Форсовані написи | Αναγκαστικοί
כפוי | ترجمة إجبارية قسري | जबरन | บังคับ | Bắt buộc | Dipaksa | 간판
강제 자막 | 歌詞 | 強制字幕 | 部分字幕 | 特效字幕 | 屏幕字
"""
DIALOGUE = """
Full Subtitles | Full + Signs | Dialogue & Signs | Design | English
Polskie napisy | Pełne napisy i piosenki | Полные (надписи)
Completos (carteles) | Volledig met liedjes | 전체 (노래 포함) | 完整字幕 歌词 | English (non-SDH) | Sin música
"""


def rows(titles, role):
    return [(title.strip(), role) for line in titles.splitlines()[1:] for title in line.split("|")]


def titled(title):
    return {"disposition": {}, "tags": {"title": title}}


SOUND_ROWS = [
    *rows(DESCRIPTION, "description"),
    *rows(COMMENTARY, "commentary"),
    *rows(MUSIC, "music"),
    *rows(HARD_OF_HEARING, "hard_of_hearing"),
    *rows(PLAIN_SOUND, ""),
]
SUBTITLE_ROWS = [
    *rows(SIGNS, "signs"),
    *rows(DIALOGUE, ""),
    *rows(HARD_OF_HEARING, "hard_of_hearing"),
    *rows(COMMENTARY, "commentary"),
    ("Karaoke", "music"),
    ("卡拉OK", "music"),
]


def test_titles_in_several_languages():
    found = [(title, audio_role(titled(title))) for title, _ in SOUND_ROWS]

    assert found == SOUND_ROWS


def test_titles_of_subtitles():
    found = [(title, subtitle_role(titled(title))) for title, _ in SUBTITLE_ROWS]

    assert found == SUBTITLE_ROWS


@pytest.mark.parametrize(
    "title",
    ["Sign language", "Gebärdensprache", "LENGUA DE SEÑAS", "Libras", "Język migowy", "手語"],
)
def test_an_interpreter_is_not_the_video(title):
    shape = {"codec_type": "video", "codec_name": "h264", "width": 640, "height": 360}
    signed = {"index": 0, **shape, **titled(title)}
    main = {"index": 1, **shape, "disposition": {}}

    assert main_video([signed, main]) is main
