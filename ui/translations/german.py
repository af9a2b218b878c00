"""Deutsch: every sentence of `ui.strings`."""

from __future__ import annotations

APP_NAME = "Understudy"

PREVIEW = "Vorschau dessen, was andere sehen"
PREVIEW_HINT = "Das Bild, das diesen Rechner verlässt; gespiegelt gezeigt, wenn „Spiegeln“ an ist."
CHOOSE_TITLE = "Als wer möchten Sie zu sehen sein?"
CHOOSE_TEXT = "Wählen Sie unten ein Porträt, oder ziehen Sie das Bild eines Gesichts hierher."
DROP_TITLE = "Bild hier loslassen"
DROP_TEXT = "Ein Bild mit einem Gesicht, das in die Kamera blickt."
STARTING_TITLE = "Wird vorbereitet…"
STARTING_TEXT = "Der erste Start dauert einige Sekunden."
PREPARING_TITLE = "{name} wird vorbereitet…"
PREPARING_TEXT = "Das Gesicht im Bild wird gesucht."
STOPPED_TITLE = "Das Bild steht"
STOPPED_TEXT = "Mit „Noch einmal“ starten Sie es neu."

BADGE_STARTING = "STARTET"
BADGE_STOPPED = "STEHT"
BADGE_LIVE = "LIVE"
BADGE_READY = "BEREIT"
BADGE_HELD = "HÄLT"
BADGE_IDLE = "RUHT"
BADGE_AWAY = "ABWESEND"
STATUS_STARTING = "Startet…"
STATUS_STOPPED = "Es wird nichts gesendet."
STATUS_LIVE = "Das Porträt folgt Ihrem Gesicht."
STATUS_HELD = "Ihr Gesicht war einen Moment lang nicht zu sehen."
STATUS_IDLE = "Kein Gesicht im Bild. Das Porträt atmet und blinzelt von selbst."
STATUS_IDLE_NO_CAMERA = "Keine Kamera gewählt. Das Porträt atmet und blinzelt von selbst."
STATUS_AWAY = "Andere sehen die Abwesenheitskarte."
STATUS_NO_PORTRAIT = "Wählen Sie zuerst ein Porträt."
SIDE = "Bedienfeld"
SIDE_HINT = "Kamera, Mikrofon und alles andere, was sich einstellen lässt, neben dem Bild zeigen"
ONLY_AVATAR = "Nur Ihr Avatar ist zu sehen"
ONLY_AVATAR_HINT = "Das Bild Ihrer Kamera verlässt diesen Rechner nie, nicht für ein einziges Bild."
HEALTH = "{fps:.0f} Bilder/s  ·  {latency_ms:.0f} ms Verzug  ·  {drops} ausgelassen  ·  {model} auf {device}"
HEALTH_HINT = (
    "Bilder in der Sekunde; Verzögerung von Ihrer Bewegung bis zum Bild; Kamerabilder, denen in den letzten zehn "
    "Sekunden nicht gefolgt wurde; womit das Bild entsteht.\n"
    "Kamera {camera_fps:.0f} Bilder/s · Verzögerung {p50:.0f} ms, jedes zwanzigste über {p95:.0f} ms, höchstens "
    "{p99:.0f} ms"
)
HEALTH_NAME = "Bildrate, Verzögerung, ausgelassene Bilder und Gerät"
HEALTH_NOTHING = "Noch nichts gemessen"

GUIDE = "Erste Schritte"
GUIDE_HINT = "Die drei ersten Schritte noch einmal zeigen"
GUIDE_HEAD = "Schritt {step} von {steps}: {title}"
GUIDE_TITLES = ("Wählen Sie, als wer Sie zu sehen sind", "Wählen Sie Ihre Kamera", "Gehen Sie auf Sendung")
GUIDE_TEXTS = (
    "Wählen Sie unten in der Reihe ein Porträt, oder fügen Sie ein eigenes Bild hinzu.",
    "Wählen Sie sie rechts. Dort sollte Ihr Gesicht in Linien erscheinen; ihr Bild wird niemandem gezeigt.",
    "Blicken Sie entspannt geradeaus, drücken Sie „Neutral“, und schalten Sie dann „Auf Sendung“ ein.",
)
GUIDE_DONE_TEXTS = (
    "Wählen Sie unten in der Reihe ein Porträt, oder fügen Sie ein eigenes Bild hinzu. Sie können jederzeit wechseln.",
    "Gut: Ihr Gesicht ist zu sehen, und das Porträt folgt ihm.",
    "Sie sind auf Sendung. Wählen Sie im Meeting die Kamera dieses Programms. Esc zeigt sofort die Abwesenheitskarte.",
)
GUIDE_NEXT = "Weiter"
GUIDE_BACK = "Zurück"
GUIDE_SKIP = "Überspringen"
GUIDE_END = "Fertig"

LIVE = "Auf Sendung"
LIVE_ON = "Auf Sendung"
LIVE_HINT = "Andere das Porträt sehen lassen; aus zeigt ihnen die Abwesenheitskarte ({key})"
LIVE_SEEN = "Andere sehen das Porträt."
LIVE_AWAY = "Andere sehen die Abwesenheitskarte."
LIVE_OFF = "Noch sieht niemand das Porträt."
LIVE_STARTING = "Die virtuelle Kamera startet…"
LIVE_STOPPED = "Das Bild steht: Andere sehen die Abwesenheitskarte."
LIVE_TROUBLE = "Niemand sieht es: Die virtuelle Kamera ist nicht verfügbar."

RECORD = "Aufnehmen"
RECORD_STOP = "Stopp  {length}"
RECORD_HINT = "Was andere sehen, in Ihren Videoordner aufnehmen ({key})"
PAUSE = "Aufnahme anhalten"
PAUSE_HINT = "Auslassen, was geschieht, bis Sie wieder hier drücken ({key})"
RESUME_HINT = "Aufnahme fortsetzen ({key})"
SNAPSHOT = "Bild speichern"
SNAPSHOT_HINT = "Ein Bild dessen, was andere sehen, in Ihren Bilderordner speichern ({key})"
CALIBRATE = "Neutral"
CALIBRATE_HINT = "Blicken Sie mit entspanntem Gesicht geradeaus, und drücken Sie dann hier ({key})"
AWAY = "Abwesend"
AWAY_HINT = "Anderen die Abwesenheitskarte zeigen ({key}; Esc zeigt sie immer)"
BACK = "Zurück"
BACK_HINT = "Andere das Porträt wieder sehen lassen ({key})"
MIRROR = "Spiegeln"
MIRROR_HINT = "Diese Vorschau wie einen Spiegel zeigen ({key}). Andere sehen das Bild immer richtig herum."
POP_OUT = "Bild im eigenen Fenster"
POP_OUT_HINT = (
    "Das Bild in einem eigenen Fenster zeigen, für einen Beamer oder für Programme, die ein Fenster aufnehmen ({key}). "
    "Es ist nie gespiegelt; ein Doppelklick füllt den Bildschirm."
)
POP_OUT_TITLE = "Understudy – Bild"
TRY_AGAIN = "Noch einmal"

TRAY_SHOW = "Fenster zeigen"
TRAY_AWAY = "Sofort abwesend"
TRAY_NEXT = "Nächstes Porträt"
TRAY_QUIT = "Beenden"
ALREADY_OPEN = "Understudy ist schon offen; sein Fenster wurde nach vorn geholt."

GALLERY = "Porträts"
GALLERY_HINT = "Pfeiltasten bewegen, Eingabe wählt."
ADD_PICTURE = "Bild dazu…"
ADD_PICTURE_NAME = "Ein eigenes Bild hinzufügen"
ADD_PICTURE_HINT = "Ein eigenes Bild verwenden ({key}). Sie können auch eines hierher ziehen oder einfügen."
OWN_PICTURE = "Ihr Bild. Mit der rechten Maustaste umbenennen, entfernen oder verschieben."
TILE_KEY = "{name} (Taste {key})"
RENAME = "Umbenennen…"
RENAME_TITLE = "Porträt umbenennen"
RENAME_LABEL = "Neuer Name für {name}:"
REMOVE = "Entfernen…"
REMOVE_TITLE = "Porträt entfernen"
REMOVE_WHAT = "{name} entfernen?"
REMOVE_WHY = "Das Bild und alle hier aufbewahrten Ansichten davon werden von diesem Rechner gelöscht."
REMOVE_YES = "Entfernen"
REMOVE_NO = "Behalten"
CUT = "Bild zuschneiden…"
CUT_TITLE = "Was sich bewegt"
CUT_HINT = (
    "Das gestrichelte Quadrat bewegt sich mit Ihrem Gesicht; der Rest des Bildes steht still. Ziehen Sie den Rahmen "
    "oder seine Ecken, um nur einen Teil des Bildes zu behalten. Das Gesicht bleibt darin."
)
CUT_CANVAS = "Rahmen um den Teil des Bildes, der bleibt"
CUT_CANVAS_HINT = "Pfeiltasten verschieben den Rahmen, Plus und Minus ändern seine Größe."
CUT_ANIMATED = "bewegt sich"
CUT_USE = "Diesen Teil verwenden"
CUT_WHOLE = "Ganzes Bild behalten"
MOVE_EARLIER = "Nach links schieben"
MOVE_LATER = "Nach rechts schieben"
PICTURE_DIALOG = "Ein Bild mit einem Gesicht wählen"
PICTURE_FILTER = "Bilder (*.jpg *.jpeg *.png *.webp *.bmp *.heic *.heif *.tif *.tiff);;Alle Dateien (*)"
PICTURE_PLACEHOLDER = "Porträt"

CAMERA = "Kamera"
CAMERA_HINT = "Die Kamera, die Ihr Gesicht sieht"
CAMERA_NONE = "Keine Kamera"
CAMERA_NONE_FOUND = "Keine Kamera gefunden"
CAMERA_SEARCHING = "Kameras werden gesucht…"
CAMERA_SYNTHETIC = "Testbild"
CAMERA_FILE = "Videodatei…"
CAMERA_MISSING = "{name} (nicht angeschlossen)"
CAMERA_OFF = "Das Porträt atmet und blinzelt von selbst."
CAMERA_STARTING = "Wartet auf Bilder…"
CAMERA_TROUBLE = "Nicht verfügbar"
CAMERA_FACE = "Ihr Gesicht ist zu sehen."
CAMERA_NO_FACE = "Kein Gesicht im Bild."
CAMERA_RATE = "{fps:.0f} Bilder/s"
SIGHT = "Wo die Kamera Ihr Gesicht sieht"
SIGHT_HINT = (
    "Ihr Gesicht, wie die Kamera es sieht, als Linien gezeichnet. Ihr Bild wird nirgends gezeigt; wer Ihren Bildschirm "
    "mitsieht, erfährt daraus nichts."
)
CAMERA_REFRESH = "Kameras neu suchen"
CAMERA_REFRESH_HINT = "Kameras neu suchen ({key})"
VIDEO_DIALOG = "Ein Video als Kamera wählen"
VIDEO_FILTER = "Videos (*.mp4 *.mkv *.mov *.webm *.avi *.m4v);;Alle Dateien (*)"

VIRTUAL_CAMERA = "Virtuelle Kamera"
VIRTUAL_CAMERA_HINT = "Lässt Zoom, Teams, Meet, Discord und OBS das Porträt sehen ({key})"
VIRTUAL_OFF = "Aus"
VIRTUAL_STARTING = "Startet…"
VIRTUAL_ON = "An: Wählen Sie im Meeting „{name}“."
VIRTUAL_TROUBLE = "Nicht verfügbar"
VIRTUAL_WHY = "Warum?"
VIRTUAL_WHY_HINT = "Erklärt, warum die virtuelle Kamera nicht verfügbar ist und was zu tun ist"

KEYS = "Tasten"
KEYS_BUTTON_HINT = "Die Liste der Tasten zeigen ({key})"
KEYS_TITLE = "Tasten"
KEYS_HINT = (
    "Diese Tasten wirken, solange das Fenster von Understudy vorn ist. Für Tasten, die überall wirken, verbinden Sie "
    "ein Stream Deck oder ein Tastenprogramm über die Fernsteuerung."
)
KEYS_PLACES = "Das Porträt an dieser Stelle zeigen"
KEYS_PLACES_KEYS = "1 … {last}"
KEYS_CLOSE = "Schließen"
KEY_NAMES = {
    "LIVE": "Auf Sendung gehen oder aufhören",
    "AWAY": "Sofort abwesend",
    "AWAY_TOGGLE": "Abwesend, oder zurück",
    "NEXT_AVATAR": "Nächstes Porträt",
    "PREVIOUS_AVATAR": "Voriges Porträt",
    "CALIBRATE": "Neutrales Gesicht",
    "RECORD": "Aufnehmen oder stoppen",
    "PAUSE": "Aufnahme anhalten oder fortsetzen",
    "SNAPSHOT": "Bild speichern",
    "MUTE": "Mikrofon stumm oder wieder an",
    "MIRROR": "Vorschau spiegeln",
    "POP_OUT": "Bild im eigenen Fenster, oder nicht",
    "VIRTUAL_CAMERA": "Virtuelle Kamera schalten",
    "ADD_PICTURE": "Bild hinzufügen",
    "PASTE": "Bild aus der Zwischenablage verwenden",
    "REFRESH": "Geräte neu suchen",
    "DOCTOR": "Diesen Rechner prüfen",
    "KEYS": "Diese Liste",
    "QUIT": "Beenden",
}
GALLERY_KEYS_TITLE = "In der Reihe der Porträts"
GALLERY_KEY_NAMES = {
    "RENAME": "Eigenes Porträt umbenennen",
    "REMOVE": "Eigenes Porträt entfernen",
    "CUT": "Bild eines eigenen Porträts zuschneiden",
    "REFERENCES": "Weitere Bilder eines eigenen Porträts",
    "EARLIER": "Porträt nach links schieben",
    "LATER": "Porträt nach rechts schieben",
}

DOCTOR = "Diesen Rechner prüfen"
DOCTOR_HINT = "Kamera, virtuelle Kamera, Ton, Dateien und mehr ansehen und sagen, was zu tun ist ({key})"
DOCTOR_TITLE = "Prüfung dieses Rechners"
DOCTOR_RUNNING = "Alles wird angesehen. Das dauert einige Sekunden; das Bild läuft weiter."
DOCTOR_OK = "Alles ist da."
DOCTOR_LIMITED = "Understudy funktioniert; was unten markiert ist, fehlt oder ist eingeschränkt."
DOCTOR_MISSING = "Etwas, das Understudy braucht, fehlt."
DOCTOR_AGAIN = "Neu prüfen"
DOCTOR_AGAIN_HINT = "Alles noch einmal ansehen"
DOCTOR_FOLDER = "Protokollordner öffnen"
DOCTOR_FOLDER_HINT = "Den Ordner mit dem Protokoll und den Absturzberichten öffnen"
DOCTOR_CLOSE = "Schließen"
DOCTOR_CAMERA_IN_USE = "Virtuelle Kamera: {name}, von diesem Programm benutzt."
DOCTOR_VERDICTS = {"ok": "Geht", "limited": "Eingeschränkt", "missing": "Fehlt"}
DOCTOR_NAMES = {
    "python": "Python",
    "versions": "Pakete",
    "opencv": "OpenCV",
    "device": "Prozessor und Grafikkarte",
    "tracker": "Gesichtsverfolgung",
    "weights": "Dateien der Modelle",
    "avatars": "Porträts",
    "cameras": "Kamera",
    "virtual": "Virtuelle Kamera",
    "sound": "Ton",
    "display": "Bildschirm",
    "disk": "Festplatte",
    "settings": "Einstellungen",
    "log": "Protokoll",
}

REMOTE = "Fernsteuerung"
REMOTE_HINT = "Lässt Stream Decks und Skripte auf diesem Rechner Porträts wechseln, abwesend schalten, aufnehmen u. a."
REMOTE_OFF = "Aus."
REMOTE_STARTING = "Startet…"
REMOTE_ON = "An, für Programme auf diesem Rechner, die die Adresse kennen."
REMOTE_ADDRESS = "Adresse der Fernsteuerung, ohne ihren geheimen Teil"
REMOTE_COPY = "Kopieren"
REMOTE_COPY_HINT = "Die ganze Adresse kopieren; wer sie kennt, steuert dieses Programm."
LIKENESS_BAR = "Frage zu einem Porträt"
LIKENESS_WHAT = "Dürfen Sie {name} zeigen?"
LIKENESS_WHY = (
    "Zeigen Sie ein Gesicht nur, wenn es Ihr eigenes ist oder die Person zustimmt, der es gehört. Das wird einmal "
    "gefragt."
)
LIKENESS_YES = "Das bin ich / ich darf es"
LIKENESS_NO = "Anderes wählen"
LIKENESS_WAITING = "{name} wartet oben auf Ihre Antwort."
BADGE = "„AI avatar“ in die Ecke schreiben"
BADGE_HINT = "Schreibt ins gesendete Bild, dass es einen Avatar zeigt, für alle sichtbar."

MICROPHONE = "Mikrofon"
MICROPHONE_HINT = "Ihre Stimme, zurückgehalten, bis das Bild desselben Augenblicks zu sehen ist"
SOUND_NO_MICROPHONE = "Kein Mikrofon"
SOUND_AUTO = "Automatisch"
SOUND_OF_CAMERA = "Ton der Videodatei"
SOUND_MISSING = "{name} (nicht angeschlossen)"
SOUND_OUTPUT = "Senden an"
SOUND_OUTPUT_HINT = "Ein virtuelles Kabel: Wählen Sie sein anderes Ende als Mikrofon des Meetings."
SOUND_NOWHERE = "Nirgendwohin"
SOUND_MONITOR = "Hören auf"
SOUND_MONITOR_HINT = "Die eigene Stimme so spät hören wie die anderen. Benutzen Sie Kopfhörer."
SOUND_NO_MONITOR = "Gar nicht"
MUTE = "Stumm"
UNMUTE = "Laut"
MUTE_HINT = "Stille senden ({key})"
SOUND_LEVEL = "Lautstärke des Mikrofons"
SOUND_LEVEL_HINT = "Wie laut Ihre Stimme ist; Rot ist zu laut."
SOUND_OFF = "Es wird kein Ton gesendet oder aufgenommen."
SOUND_STARTING = "Startet…"
SOUND_MUTED = "Stumm: Andere hören nichts."
SOUND_TOGETHER = "Um {delay_ms:.0f} ms zurückgehalten, wie das Bild."
SOUND_LATE = "Das Bild braucht {delay_ms:.0f} ms, der Ton {late_ms:.0f} ms länger."

BROWSER = "Browserquelle"
BROWSER_HINT = "Zeigt OBS und Browsern auf diesem Rechner das Bild, auch mit durchsichtigem Hintergrund"
BROWSER_OFF = "Aus"
BROWSER_STARTING = "Startet…"
BROWSER_ON = "An: Fügen Sie in OBS eine Browserquelle mit dieser Adresse hinzu."
BROWSER_SEEN = "An: Ein Programm zeigt es."
BROWSER_SEEN_BY = "An: {count} Programme zeigen es."
BROWSER_TROUBLE = "Nicht verfügbar"
BROWSER_COPY = "Adresse kopieren"
BROWSER_COPY_HINT = "Wer die Adresse kennt, sieht das Bild auf diesem Rechner; behalten Sie sie für sich."

CAPTURE = "Sich selbst aufnehmen"
CAPTURE_BUTTON_HINT = "Mit der Kamera in zehn Sekunden ein Porträt von sich machen; nichts bleibt, bevor Sie es sagen"
CAPTURE_TITLE = "Sich selbst aufnehmen"
CAPTURE_HINT = (
    "Tun Sie eins nach dem anderen, worum gebeten wird. Das beste Bild von jedem wird ausgesucht. Die Bilder bleiben "
    "im Speicher, bis Sie sie behalten. Wer zusieht, sieht Ihr Porträt dasselbe tun."
)
CAPTURE_STARTING = "Wird vorbereitet…"
CAPTURE_NO_CAMERA = "Wählen Sie zuerst eine Kamera."
CAPTURE_HAS_IT = "Hat geklappt."
CAPTURE_PROGRESS = "Wie viel der Aufnahme vorbei ist"
CAPTURE_FOUND = "Diese Bilder behalten?"
CAPTURE_NOTHING = "Kein Bild ist gut genug für ein Porträt."
CAPTURE_SAVING = "Wird gespeichert…"
CAPTURE_KEPT = "{name} ist jetzt unter Ihren Porträts."
CAPTURE_NAME = "Ich"
CAPTURE_NAME_LABEL = "Name des neuen Porträts"
CAPTURE_BOX_HINT = "Haken weg bei allem, was nicht bleiben soll"
CAPTURE_KEEP = "Behalten"
CAPTURE_DROP = "Wegwerfen"
CAPTURE_AGAIN = "Noch einmal aufnehmen"
CAPTURE_DELETE = "Wieder löschen"
CAPTURE_CLOSE = "Schließen"
CAPTURE_GOALS = {
    "neutral": "Neutral",
    "smile": "Lächeln",
    "open mouth": "Mund offen",
    "blink": "Augen zu",
    "left": "Nach links gedreht",
    "right": "Nach rechts gedreht",
}

# --- further pictures ----------------------------------------------------------------------------------------
REFERENCES = "Weitere Bilder…"
REFERENCES_TITLE = "Weitere Bilder von {name}"
REFERENCES_TEXT = (
    "Bilder derselben Person, die zeigen, was das Porträt verbirgt: die andere Wange, Zähne, geschlossene Augen. "
    "Fotos hinzufügen oder hierher ziehen, oder die besten Ansichten einem Video entnehmen. "
    "Nichts bleibt, bevor Sie es sagen."
)
REFERENCES_UNUSED = (
    "Weitere Bilder derselben Person. Das benutzte Modell sieht nur das Porträt an; mit Detailliert (synergy) zählen "
    "sie, vom nächsten Start an."
)
REFERENCES_PHOTOS = "Fotos hinzufügen…"
REFERENCES_VIDEO = "Aus einem Video…"
REFERENCES_DIALOG = "Fotos von {name} wählen"
REFERENCES_VIDEO_DIALOG = "Ein Video von {name} wählen"
REFERENCES_LOOKING = "Die hilfreichsten Ansichten werden gesucht…"
REFERENCES_PROGRESS = "Wie viel schon angesehen wurde"
REFERENCES_CANCEL = "Abbrechen"
REFERENCES_FOUND = "Diese Bilder behalten?"
REFERENCES_NOTHING = "Kein Bild hilft."
REFERENCES_MORE = "und {count} weitere"
REFERENCES_SAVING = "Wird gespeichert…"
REFERENCES_PICTURE = "Bild {number}"
REFERENCES_BOX_HINT = "Haken weg bei allem, was nicht bleiben soll"
REFERENCES_KEEP = "Behalten"
REFERENCES_DROP = "Wegwerfen"
REFERENCES_REMOVE = "Entfernen"
REFERENCES_REMOVE_NAME = "Entfernen: {picture}"
REFERENCES_REMOVE_HINT = "Dieses Bild von diesem Rechner löschen"
REFERENCES_CLOSE = "Schließen"

MODEL = "Modell"
MODEL_HINT = "Was bei Qualität Automatisch oder Beste das Bild zeichnet. Detailliert fordert den Rechner mehr."
MODELS = {"geometric": "Schnell (geometric)", "synergy": "Detailliert (synergy)"}

QUALITY = "Qualität"
QUALITY_HINT = "Automatisch zeigt so viel, wie dieser Rechner schafft. Die anderen bleiben, wie sie sind."
QUALITIES = {"auto": "Automatisch", "best": "Beste", "balanced": "Ausgewogen", "light": "Sparsam"}
QUALITY_TEXTS = {
    "auto": "So gut, wie dieser Rechner mitkommt.",
    "best": "Alles, was das Modell kann, auch wo es langsam wird.",
    "balanced": "Schont den Rechner, jedem Bild wird gefolgt.",
    "light": "Schont den Rechner am meisten: weniger Bilder in der Sekunde.",
}

MOTION = "Bewegung"
SMOOTHING = "Glättung"
SMOOTHING_HINT = "Flink folgt sofort; ruhig beruhigt ein zittriges Bild."
SMOOTHING_LOW = "Flink"
SMOOTHING_HIGH = "Ruhig"
GAIN = "Stärke"
GAIN_HINT = "Wie stark sich das Porträt bewegt; 100 % ist so viel wie Sie selbst."
PERCENT = "{value} %"
REGION = "Bewegt"
REGION_HINT = "Was von Ihrer Bewegung das Porträt übernimmt"
REGIONS = {
    "all": "Kopf und Gesicht",
    "pose": "Nur den Kopf",
    "expression": "Nur das Gesicht",
    "eyes": "Nur die Augen",
    "lips": "Nur den Mund",
}
GAZE = "Blickt"
GAZE_HINT = "Wohin das Porträt blickt"
GAZES = {
    "follow": "Wohin Sie blicken",
    "soften": "Näher zur Kamera",
    "camera": "In die Kamera",
}
STITCHING = "Schultern stillhalten"
STITCHING_HINT = "Bewegt nur den Kopf; der Rest des Bildes bleibt, wo er ist."
EYES = "Augen offen halten"
EYES_HINT = "Hält die Augen so weit offen, statt Ihren zu folgen"
EYES_AMOUNT = "Wie weit die Augen offen sind"
LIPS = "Mund offen halten"
LIPS_HINT = "Hält den Mund so weit offen, statt Ihrem zu folgen"
LIPS_AMOUNT = "Wie weit der Mund offen ist"
RESET = "Zurücksetzen"
RESET_HINT = "Alle Bewegungsregler so einstellen, wie sie geliefert wurden"

PICTURE = "Bild"
FIT = "Rahmen"
FIT_HINT = "Wie ein Porträt, das nicht breit ist, ins breite Bild kommt"
FITS = {"fill": "Bild ausfüllen", "fit": "Ganzes Porträt zeigen"}
BACKGROUND = "Hintergrund"
BACKGROUND_HINT = "Was hinter der Person zu sehen ist"
BACKGROUNDS = {
    "keep": "Wie im Porträt",
    "blur": "Unscharf",
    "colour": "Eine Farbe",
    "picture": "Ein Bild",
    "transparent": "Durchsichtig (für OBS)",
}
COLOUR_BUTTON = "Farbe wählen…"
COLOUR_DIALOG = "Hintergrundfarbe"
BACKGROUND_BUTTON = "Bild wählen…"
BACKGROUND_DIALOG = "Ein Hintergrundbild wählen"

CLIPS = "Aufgezeichnete Bewegung"
CLIPS_HINT = (
    "Aufzeichnen, wie Sie sich bewegen, und das Porträt es tun lassen, während Sie weg sind oder etwas vorführen"
)
CLIPS_TITLE = "Aufgezeichnete Bewegung"
CLIPS_TEXT = (
    "Was abgespielt wird, tut das Porträt immer wieder, anstelle Ihrer Kamera, die so lange aus ist. Aufzeichnungen "
    "enthalten die Bewegung Ihres Gesichts als Zahlen, kein Bild und keinen Ton."
)
CLIPS_NO_CAMERA = "Zum Aufzeichnen wählen Sie zuerst eine Kamera."
CLIPS_RECORDING = "Ihre Bewegung wird aufgezeichnet, höchstens drei Minuten."
CLIPS_PLAYING = "Das Porträt spielt dies anstelle Ihrer Kamera, die aus ist, bis Sie es beenden."
CLIPS_LIST = "Bewegungen, die abgespielt werden können"
CLIP_ITEM = "{name}   {length}"
CLIP_ITEM_OWN = "{name}   {length}   (eigene)"
CLIP_NAME = "Bewegung {now:%Y-%m-%d %H-%M-%S}"
CLIP_PLAY = "Abspielen"
CLIP_STOP = "Abspielen beenden"
CLIP_RECORD = "Bewegung aufzeichnen"
CLIP_RECORD_STOP = "Speichern  {length}"
CLIP_EXPORT = "Exportieren…"
CLIP_IMPORT = "Importieren…"
CLIP_REMOVE = "Aufzeichnung entfernen…"
CLIP_CLOSE = "Schließen"
CLIP_KEPT = "Die Bewegung wurde gespeichert."
CLIP_KEPT_WHY = "Sie ist {length} lang und heißt {name}."
CLIP_EXPORTED = "Die Bewegung wurde exportiert."
CLIP_REMOVE_TITLE = "Aufzeichnung entfernen"
CLIP_REMOVE_WHAT = "{name} entfernen?"
CLIP_REMOVE_WHY = "Die Aufzeichnung wird von diesem Rechner gelöscht."
CLIP_DIALOG = "Eine aufgezeichnete Bewegung wählen"
CLIP_SAVE_DIALOG = "Die Bewegung exportieren"
CLIP_FILTER = "Aufgezeichnete Bewegung (*.motion)"
CAMERA_PLAYING = "„{name}“ läuft anstelle Ihrer Kamera."

STAGES = "Ins Innere sehen"
STAGES_HINT = "Zusehen, was die Stufen des Netzes entscheiden"
STAGES_TITLE = "Im Inneren des Netzes"
STAGES_TEXT = (
    "Was das Netz für das bewegte Quadrat entscheidet, einige Male in der Sekunde. Solange es offen ist, kostet es "
    "etwas Tempo."
)
STAGES_NONE = "Das Modell, das läuft, hat keine Stufen zu zeigen. Wählen Sie Detailliert (synergy), um sie zu sehen."
STAGES_WAITING = "Wartet auf das nächste bewegte Bild…"
STAGES_CLOSE = "Schließen"
STAGE_NAMES = {
    "flow": "Bewegung",
    "visibility": "Vom Porträt gezeigt",
    "picture": "Benutztes Bild",
    "confidence": "Vertrauen",
}
STAGE_HINTS = {
    "flow": "Farbe: aus welcher Richtung jede Stelle geholt wird; Helligkeit: von wie weit her.",
    "visibility": "Weiß: Das Porträt zeigt, was nötig ist. Schwarz: Es ist dort verdeckt.",
    "picture": "Blau: das Porträt. Andere Farben: seine weiteren Bilder.",
    "confidence": "Grün: Der Bewegung allein wird vertraut. Rot: Sie wird berichtigt.",
}

LANGUAGE = "Sprache"
LANGUAGE_HINT = "Sprache des Fensters, ab dem nächsten Start"
LANGUAGES = {"system": "Wie das System", "en": "English", "de": "Deutsch", "zh": "中文"}
LANGUAGE_LATER = "Das Fenster spricht diese Sprache ab dem nächsten Start."
LANGUAGE_LATER_WHY = "Protokoll und Berichte bleiben auf Englisch."

PROBLEM_BAR = "Meldungen"
DISMISS = "Schließen"
DISMISS_HINT = "Diese Meldung schließen"
NEXT_NAME = "Nächste Meldung"
NEXT_PROBLEM = "Nächste ({index} von {count})"
OPEN_FOLDER = "Ordner öffnen"
COPY_REPORT = "Bericht kopieren"
COPY_REPORT_HINT = (
    "Den Bericht in die Zwischenablage legen. Er enthält keine Bilder, keine Namen und keine Ordner von Ihnen."
)

CRASHED = "Understudy endete beim letzten Mal unerwartet."
CRASHED_WHY = "Was darüber bekannt ist, steht in einem Bericht, den Sie jemandem schicken können, der Ihnen hilft."
CRASHED_UNKNOWN = "Es ist nichts darüber bekannt."
CRASHED_AWAY = "Andere sehen die Abwesenheitskarte, bis Sie „Zurück“ drücken."

SNAPSHOT_SAVED = "Das Bild wurde gespeichert."
RECORDING_SAVED = "Die Aufnahme wurde gespeichert."
RECORDING_SAVED_WHY = "Sie ist {length} lang: {path}"
NOTES_WHAT = "{name} sieht vielleicht nicht am besten aus."
NOTES_FIX = "Sie können es trotzdem verwenden oder ein anderes Bild wählen."
NO_AVATARS = "Die mitgelieferten Porträts konnten nicht aufgelistet werden."
NO_AVATARS_FIX = "Wählen Sie ein eigenes Bild; eine neue Installation bringt die anderen zurück."
NO_CAMERAS = "Die Kameras konnten nicht aufgelistet werden."
NO_CAMERAS_FIX = "Drücken Sie den Knopf zum Neusuchen; auch eine Videodatei geht als Kamera."
NOT_KEPT = "{name} wird jetzt verwendet, kam aber nicht zu Ihren Porträts."
NOT_KEPT_FIX = "Wählen Sie das Bild beim nächsten Mal wieder, oder schaffen Sie Platz."
NOT_A_PICTURE = "Was Sie hierher gezogen oder eingefügt haben, ist kein Bild auf diesem Rechner."
NOT_A_PICTURE_WHY = "Es ist ein Link, ein Text oder eine andere Art von Datei."
NOT_A_PICTURE_FIX = "Speichern Sie das Bild zuerst in eine Datei, und ziehen Sie dann diese hierher."
PASTE_EMPTY = "Es gibt kein Bild zum Einfügen."
PASTE_EMPTY_WHY = "In der Zwischenablage ist etwas anderes oder nichts."
PASTE_EMPTY_FIX = "Kopieren Sie zuerst ein Bild, und fügen Sie es dann ein."
PASTE_UNSAVED = "Das eingefügte Bild konnte nicht aufbewahrt werden."
PASTE_UNSAVED_WHY = "Es konnte nicht nach {folder} geschrieben werden."
PASTE_UNSAVED_FIX = "Schaffen Sie dort Platz, oder speichern Sie das Bild in eine Datei und wählen Sie diese."
