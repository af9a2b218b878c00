"""Every English sentence of the window, in one place; `{name}` is filled in by the presenter.

`ui.language` puts another language in its place, so sentences are read where they are needed, never while a module
loads. A new one is added to every file of `ui/translations` too.
"""

from __future__ import annotations

APP_NAME = "Understudy"

# --- preview -------------------------------------------------------------------------------------------------
PREVIEW = "Preview of what others see"
PREVIEW_HINT = "The picture that leaves this computer; shown mirrored when Mirror is on."
CHOOSE_TITLE = "Who do you want to be seen as?"
CHOOSE_TEXT = "Pick a portrait below, or drop a picture of a face here."
DROP_TITLE = "Drop the picture here"
DROP_TEXT = "One picture with one face, looking at the camera."
STARTING_TITLE = "Getting ready…"
STARTING_TEXT = "The first start takes a few seconds."
PREPARING_TITLE = "Preparing {name}…"
PREPARING_TEXT = "Finding the face in the picture."
STOPPED_TITLE = "The picture stopped"
STOPPED_TEXT = "Press “Try again” to start it once more."

# --- status --------------------------------------------------------------------------------------------------
BADGE_STARTING = "STARTING"
BADGE_STOPPED = "STOPPED"
BADGE_LIVE = "LIVE"
BADGE_READY = "READY"
BADGE_HELD = "HELD"
BADGE_IDLE = "IDLE"
BADGE_AWAY = "AWAY"
STATUS_STARTING = "Starting…"
STATUS_STOPPED = "Nothing is sent."
STATUS_LIVE = "The portrait follows your face."
STATUS_HELD = "Your face was lost for a moment."
STATUS_IDLE = "No face in view. The portrait breathes and blinks by itself."
STATUS_IDLE_NO_CAMERA = "No camera chosen. The portrait breathes and blinks by itself."
STATUS_AWAY = "Others see the away card."
STATUS_NO_PORTRAIT = "Choose a portrait to begin."
SIDE = "Controls"
SIDE_HINT = "Show camera, microphone and everything else that can be set, beside the picture"
ONLY_AVATAR = "Only your avatar is visible"
ONLY_AVATAR_HINT = "The picture of your camera never leaves this computer, not even for one frame."
HEALTH = "{fps:.0f} fps  ·  {latency_ms:.0f} ms delay  ·  {drops} left out  ·  {model} on {device}"
HEALTH_HINT = (
    "Frames a second; the delay from your movement to the picture; pictures of the camera that were not followed in "
    "the last ten seconds; what makes the picture.\n"
    "Camera {camera_fps:.0f} fps · delay {p50:.0f} ms, one in twenty above {p95:.0f} ms, at worst {p99:.0f} ms"
)
HEALTH_NAME = "Frame rate, delay, pictures left out, and device"
HEALTH_NOTHING = "Nothing measured yet"

# --- first steps ---------------------------------------------------------------------------------------------
GUIDE = "First steps"
GUIDE_HINT = "Show the three first steps again"
GUIDE_HEAD = "Step {step} of {steps}: {title}"
GUIDE_TITLES = ("Choose who you want to be seen as", "Choose your camera", "Go live")
GUIDE_TEXTS = (
    "Pick a portrait in the row below, or add a picture of your own.",
    "Choose it on the right. Your face should appear there, drawn as lines; its picture is shown to nobody.",
    "Look straight ahead with a relaxed face, press “Set neutral face”, then switch “Go live” on.",
)
GUIDE_DONE_TEXTS = (
    "Pick a portrait in the row below, or add a picture of your own. You can change it at any time.",
    "Good: your face is seen, and the portrait follows it.",
    "You are live. Choose this program's camera in your meeting. The Esc key shows the away card at once.",
)
GUIDE_NEXT = "Next"
GUIDE_BACK = "Back"
GUIDE_SKIP = "Skip"
GUIDE_END = "Done"

# --- live ----------------------------------------------------------------------------------------------------
LIVE = "Go live"
LIVE_ON = "You are live"
LIVE_HINT = "Let others see the portrait; off shows them the away card ({key})"
LIVE_SEEN = "Others see the portrait."
LIVE_AWAY = "Others see the away card."
LIVE_OFF = "Nobody sees the portrait yet."
LIVE_STARTING = "Starting the virtual camera…"
LIVE_STOPPED = "The picture stopped: others see the away card."
LIVE_TROUBLE = "Nobody sees it: the virtual camera is not available."

# --- actions -------------------------------------------------------------------------------------------------
RECORD = "Record"
RECORD_STOP = "Stop  {length}"
RECORD_HINT = "Record what others see into your Videos folder ({key})"
PAUSE = "Pause the recording"
PAUSE_HINT = "Leave out what happens until you press this again ({key})"
RESUME_HINT = "Go on with the recording ({key})"
SNAPSHOT = "Save a snapshot"
SNAPSHOT_HINT = "Save a picture of what others see into your Pictures folder ({key})"
CALIBRATE = "Set neutral face"
CALIBRATE_HINT = "Look straight ahead with a relaxed face, then press this ({key})"
AWAY = "Away"
AWAY_HINT = "Show others the away card ({key}; Esc always goes away)"
BACK = "Come back"
BACK_HINT = "Let others see the portrait again ({key})"
MIRROR = "Mirror"
MIRROR_HINT = "Show this preview like a mirror ({key}). Others always see the picture the right way round."
POP_OUT = "Picture in a window of its own"
POP_OUT_HINT = (
    "Show the picture in a window of its own, for a projector or for programs that capture a window ({key}). It is "
    "never mirrored; a double click fills the screen."
)
POP_OUT_TITLE = "Understudy – picture"
TRY_AGAIN = "Try again"

# --- tray and a second start ---------------------------------------------------------------------------------
TRAY_SHOW = "Show window"
TRAY_AWAY = "Go away at once"
TRAY_NEXT = "Next portrait"
TRAY_QUIT = "Quit"
ALREADY_OPEN = "Understudy is open already; its window was raised."

# --- gallery -------------------------------------------------------------------------------------------------
GALLERY = "Portraits"
GALLERY_HINT = "Arrow keys move, Enter chooses."
ADD_PICTURE = "Add picture…"
ADD_PICTURE_NAME = "Add a picture of your own"
ADD_PICTURE_HINT = "Use a picture of your own ({key}). You can also drop or paste one."
OWN_PICTURE = "Your picture. Press the right mouse button to rename, remove or move it."
TILE_KEY = "{name} (key {key})"
RENAME = "Rename…"
RENAME_TITLE = "Rename portrait"
RENAME_LABEL = "New name of {name}:"
REMOVE = "Remove…"
REMOVE_TITLE = "Remove portrait"
REMOVE_WHAT = "Remove {name}?"
REMOVE_WHY = "Its picture and all views of it that are kept here are deleted from this computer."
REMOVE_YES = "Remove"
REMOVE_NO = "Keep"
CUT = "Cut the picture…"
CUT_TITLE = "What is animated"
CUT_HINT = (
    "The dashed square moves with your face; the rest of the picture stays still. Drag the frame or its corners to "
    "keep only a part of the picture. The face stays inside."
)
CUT_CANVAS = "Frame around the part of the picture that is kept"
CUT_CANVAS_HINT = "Arrow keys move the frame, plus and minus change its size."
CUT_ANIMATED = "moves"
CUT_USE = "Use this part"
CUT_WHOLE = "Keep the whole picture"
MOVE_EARLIER = "Move to the left"
MOVE_LATER = "Move to the right"
PICTURE_DIALOG = "Choose a picture with a face"
PICTURE_FILTER = "Pictures (*.jpg *.jpeg *.png *.webp *.bmp *.heic *.heif *.tif *.tiff);;All files (*)"
PICTURE_PLACEHOLDER = "portrait"

# --- camera --------------------------------------------------------------------------------------------------
CAMERA = "Camera"
CAMERA_HINT = "The camera that watches your face"
CAMERA_NONE = "No camera"
CAMERA_NONE_FOUND = "No camera found"
CAMERA_SEARCHING = "Looking for cameras…"
CAMERA_SYNTHETIC = "Test picture"
CAMERA_FILE = "Video file…"
CAMERA_MISSING = "{name} (not connected)"
CAMERA_OFF = "The portrait breathes and blinks by itself."
CAMERA_STARTING = "Waiting for pictures…"
CAMERA_TROUBLE = "Not available"
CAMERA_FACE = "Your face is seen."
CAMERA_NO_FACE = "No face in view."
CAMERA_RATE = "{fps:.0f} fps"
SIGHT = "Where the camera sees your face"
SIGHT_HINT = (
    "Your face as the camera sees it, drawn as lines. Its picture is shown nowhere, so sharing your screen gives "
    "nothing away."
)
CAMERA_REFRESH = "Look for cameras again"
CAMERA_REFRESH_HINT = "Look for cameras again ({key})"
VIDEO_DIALOG = "Choose a video to use as the camera"
VIDEO_FILTER = "Videos (*.mp4 *.mkv *.mov *.webm *.avi *.m4v);;All files (*)"

# --- virtual camera ------------------------------------------------------------------------------------------
VIRTUAL_CAMERA = "Virtual camera"
VIRTUAL_CAMERA_HINT = "Lets Zoom, Teams, Meet, Discord and OBS see the portrait ({key})"
VIRTUAL_OFF = "Off"
VIRTUAL_STARTING = "Starting…"
VIRTUAL_ON = "On: choose “{name}” in your meeting."
VIRTUAL_TROUBLE = "Not available"
VIRTUAL_WHY = "Why?"
VIRTUAL_WHY_HINT = "Explain why the virtual camera is not available and what to do"

# --- keys ----------------------------------------------------------------------------------------------------
KEYS = "Keys"
KEYS_BUTTON_HINT = "Show the list of keys ({key})"
KEYS_TITLE = "Keys"
KEYS_HINT = (
    "These keys work while the window of Understudy is in front. For keys that work everywhere, connect a stream "
    "deck or a key program through the remote control."
)
KEYS_PLACES = "Show the portrait at this place"
KEYS_PLACES_KEYS = "1 … {last}"
KEYS_CLOSE = "Close"
KEY_NAMES = {
    "LIVE": "Go live, or stop",
    "AWAY": "Go away at once",
    "AWAY_TOGGLE": "Go away, or come back",
    "NEXT_AVATAR": "Next portrait",
    "PREVIOUS_AVATAR": "Previous portrait",
    "CALIBRATE": "Set neutral face",
    "RECORD": "Record, or stop",
    "PAUSE": "Pause the recording, or go on",
    "SNAPSHOT": "Save a snapshot",
    "MUTE": "Mute the microphone, or unmute",
    "MIRROR": "Mirror the preview",
    "POP_OUT": "Picture in a window of its own, or not",
    "VIRTUAL_CAMERA": "Switch the virtual camera",
    "ADD_PICTURE": "Add a picture",
    "PASTE": "Use the picture in the clipboard",
    "REFRESH": "Look for devices again",
    "DOCTOR": "Check this computer",
    "KEYS": "This list",
    "QUIT": "Quit",
}
GALLERY_KEYS_TITLE = "In the row of portraits"
GALLERY_KEY_NAMES = {
    "RENAME": "Rename a portrait of your own",
    "REMOVE": "Remove a portrait of your own",
    "CUT": "Cut the picture of a portrait of your own",
    "REFERENCES": "Further pictures of a portrait of your own",
    "EARLIER": "Move a portrait to the left",
    "LATER": "Move a portrait to the right",
}

# --- doctor --------------------------------------------------------------------------------------------------
DOCTOR = "Check this computer"
DOCTOR_HINT = "Look at camera, virtual camera, sound, files and more, and say what to do ({key})"
DOCTOR_TITLE = "Check of this computer"
DOCTOR_RUNNING = "Looking at everything. This takes a few seconds; the picture goes on meanwhile."
DOCTOR_OK = "Everything is there."
DOCTOR_LIMITED = "Understudy works; what is marked below is missing or limited."
DOCTOR_MISSING = "Something that Understudy needs is missing."
DOCTOR_AGAIN = "Check again"
DOCTOR_AGAIN_HINT = "Look at everything once more"
DOCTOR_FOLDER = "Open log folder"
DOCTOR_FOLDER_HINT = "Open the folder with the log and the reports of crashes"
DOCTOR_CLOSE = "Close"
DOCTOR_CAMERA_IN_USE = "Virtual camera: {name}, in use by this program."
DOCTOR_VERDICTS = {"ok": "Works", "limited": "Limited", "missing": "Missing"}
DOCTOR_NAMES = {
    "python": "Python",
    "versions": "Packages",
    "opencv": "OpenCV",
    "device": "Processor and GPU",
    "tracker": "Tracking",
    "weights": "Files of the models",
    "avatars": "Portraits",
    "cameras": "Camera",
    "virtual": "Virtual camera",
    "sound": "Sound",
    "display": "Screen",
    "disk": "Disk",
    "settings": "Settings",
    "log": "Log",
}

# --- remote control and the right to a likeness --------------------------------------------------------------
REMOTE = "Remote control"
REMOTE_HINT = "Lets stream decks and scripts on this computer switch portraits, go away, record and more."
REMOTE_OFF = "Off."
REMOTE_STARTING = "Starting…"
REMOTE_ON = "On, for programs on this computer that know the address."
REMOTE_ADDRESS = "Address of the remote control, without its secret part"
REMOTE_COPY = "Copy"
REMOTE_COPY_HINT = "Copy the whole address; whoever knows it controls this program."
LIKENESS_BAR = "Question about a portrait"
LIKENESS_WHAT = "May you show {name}?"
LIKENESS_WHY = "Show a face only if it is your own, or if the person it belongs to agrees. This is asked once."
LIKENESS_YES = "It is me / I have permission"
LIKENESS_NO = "Choose another"
LIKENESS_WAITING = "{name} waits for your answer above."
BADGE = "Label “AI avatar” in the corner"
BADGE_HINT = "Writes into the sent picture that it shows an avatar, for everybody to see."

# --- sound ---------------------------------------------------------------------------------------------------
MICROPHONE = "Microphone"
MICROPHONE_HINT = "Your voice, held back until the picture of the same moment is seen"
SOUND_NO_MICROPHONE = "No microphone"
SOUND_AUTO = "Automatic"
SOUND_OF_CAMERA = "Sound of the video file"
SOUND_MISSING = "{name} (not connected)"
SOUND_OUTPUT = "Send to"
SOUND_OUTPUT_HINT = "A virtual cable: choose its other end as the microphone of your meeting."
SOUND_NOWHERE = "Nowhere"
SOUND_MONITOR = "Hear on"
SOUND_MONITOR_HINT = "Hear your own voice as late as the others do. Use headphones."
SOUND_NO_MONITOR = "Not at all"
MUTE = "Mute"
UNMUTE = "Unmute"
MUTE_HINT = "Send silence ({key})"
SOUND_LEVEL = "Loudness of the microphone"
SOUND_LEVEL_HINT = "How loud your voice is; red is too loud."
SOUND_OFF = "No sound is sent or recorded."
SOUND_STARTING = "Starting…"
SOUND_MUTED = "Muted: others hear nothing."
SOUND_TOGETHER = "Held back by {delay_ms:.0f} ms, as the picture is."
SOUND_LATE = "The picture takes {delay_ms:.0f} ms, the sound {late_ms:.0f} ms longer."

# --- browser source ------------------------------------------------------------------------------------------
BROWSER = "Browser source"
BROWSER_HINT = "Shows the picture to OBS and browsers on this computer, also with a transparent background"
BROWSER_OFF = "Off"
BROWSER_STARTING = "Starting…"
BROWSER_ON = "On: add a browser source in OBS with this address."
BROWSER_SEEN = "On: one program shows it."
BROWSER_SEEN_BY = "On: {count} programs show it."
BROWSER_TROUBLE = "Not available"
BROWSER_COPY = "Copy address"
BROWSER_COPY_HINT = "Who knows the address sees the picture on this computer; keep it to yourself."

# --- motion --------------------------------------------------------------------------------------------------
CAPTURE = "Capture yourself"
CAPTURE_BUTTON_HINT = "Make a portrait of yourself with the camera, in ten seconds; nothing is kept before you say so"
CAPTURE_TITLE = "Capture yourself"
CAPTURE_HINT = (
    "Do what is asked, one thing after the other. The best picture of each is picked for you. "
    "The pictures stay in memory until you keep them. Whoever watches sees your portrait do the same."
)
CAPTURE_STARTING = "Getting ready…"
CAPTURE_NO_CAMERA = "Choose a camera first."
CAPTURE_HAS_IT = "Got it."
CAPTURE_PROGRESS = "How much of the capture is over"
CAPTURE_FOUND = "Keep these pictures?"
CAPTURE_NOTHING = "There is no picture good enough for a portrait."
CAPTURE_SAVING = "Saving…"
CAPTURE_KEPT = "{name} is among your portraits now."
CAPTURE_NAME = "Me"
CAPTURE_NAME_LABEL = "Name of the new portrait"
CAPTURE_BOX_HINT = "Untick what shall not be kept"
CAPTURE_KEEP = "Keep"
CAPTURE_DROP = "Throw away"
CAPTURE_AGAIN = "Capture again"
CAPTURE_DELETE = "Delete it again"
CAPTURE_CLOSE = "Close"
CAPTURE_GOALS = {
    "neutral": "Neutral",
    "smile": "Smile",
    "open mouth": "Open mouth",
    "blink": "Eyes closed",
    "left": "Turned left",
    "right": "Turned right",
}

# --- further pictures ----------------------------------------------------------------------------------------
REFERENCES = "Further pictures…"
REFERENCES_TITLE = "Further pictures of {name}"
REFERENCES_TEXT = (
    "Pictures of the same person that show what the portrait hides: the other cheek, teeth, closed eyes. Add or drop "
    "photos here, or take the best views from a video. Nothing is kept before you say so."
)
REFERENCES_UNUSED = (
    "Pictures of the same person. The model in use looks at the portrait alone; they count with Detailed (synergy), "
    "from the next start on."
)
REFERENCES_PHOTOS = "Add photos…"
REFERENCES_VIDEO = "Take from a video…"
REFERENCES_DIALOG = "Choose photos of {name}"
REFERENCES_VIDEO_DIALOG = "Choose a video of {name}"
REFERENCES_LOOKING = "Looking for the views that help most…"
REFERENCES_PROGRESS = "How much has been looked at"
REFERENCES_CANCEL = "Cancel"
REFERENCES_FOUND = "Keep these pictures?"
REFERENCES_NOTHING = "There is no picture that helps."
REFERENCES_MORE = "and {count} more"
REFERENCES_SAVING = "Saving…"
REFERENCES_PICTURE = "Picture {number}"
REFERENCES_BOX_HINT = "Untick what shall not be kept"
REFERENCES_KEEP = "Keep"
REFERENCES_DROP = "Throw away"
REFERENCES_REMOVE = "Remove"
REFERENCES_REMOVE_NAME = "Remove: {picture}"
REFERENCES_REMOVE_HINT = "Delete this picture from this computer"
REFERENCES_CLOSE = "Close"

MODEL = "Model"
MODEL_HINT = "What draws the picture where quality is Automatic or Best. Detailed is more work for the computer."
MODELS = {"geometric": "Quick (geometric)", "synergy": "Detailed (synergy)"}

QUALITY = "Quality"
QUALITY_HINT = "Automatic shows as much as this computer can keep up with. The others stay as they are."
QUALITIES = {"auto": "Automatic", "best": "Best", "balanced": "Balanced", "light": "Light"}
QUALITY_TEXTS = {
    "auto": "As good as this computer can keep up with.",
    "best": "Everything the model can do, also where it gets slow.",
    "balanced": "Light on the computer, every picture followed.",
    "light": "Lightest on the computer: fewer pictures a second.",
}

MOTION = "Motion"
SMOOTHING = "Smoothing"
SMOOTHING_HINT = "Responsive follows at once; steady calms a shaky picture."
SMOOTHING_LOW = "Responsive"
SMOOTHING_HIGH = "Steady"
GAIN = "Strength"
GAIN_HINT = "How strongly the portrait moves; 100 % is as much as you do."
PERCENT = "{value} %"
REGION = "Moves"
REGION_HINT = "What of your movement the portrait takes over"
REGIONS = {
    "all": "Head and face",
    "pose": "Head only",
    "expression": "Face only",
    "eyes": "Eyes only",
    "lips": "Mouth only",
}
GAZE = "Looks"
GAZE_HINT = "Where the portrait looks"
GAZES = {
    "follow": "Where you look",
    "soften": "Nearer to the camera",
    "camera": "At the camera",
}
STITCHING = "Keep shoulders still"
STITCHING_HINT = "Moves the head only; the rest of the picture stays where it is."
EYES = "Hold eyes open"
EYES_HINT = "Keeps the eyes this far open instead of following yours"
EYES_AMOUNT = "How far the eyes are open"
LIPS = "Hold mouth open"
LIPS_HINT = "Keeps the mouth this far open instead of following yours"
LIPS_AMOUNT = "How far the mouth is open"
RESET = "Reset"
RESET_HINT = "Set all motion controls back to how they were delivered"

# --- picture -------------------------------------------------------------------------------------------------
PICTURE = "Picture"
FIT = "Frame"
FIT_HINT = "How a portrait that is not wide meets the wide picture"
FITS = {"fill": "Fill the picture", "fit": "Show all of the portrait"}
BACKGROUND = "Background"
BACKGROUND_HINT = "What is seen behind the person"
BACKGROUNDS = {
    "keep": "As in the portrait",
    "blur": "Blurred",
    "colour": "One colour",
    "picture": "A picture",
    "transparent": "Transparent (for OBS)",
}
COLOUR_BUTTON = "Choose colour…"
COLOUR_DIALOG = "Background colour"
BACKGROUND_BUTTON = "Choose picture…"
BACKGROUND_DIALOG = "Choose a background picture"

# --- recorded movement ---------------------------------------------------------------------------------------
CLIPS = "Recorded movement"
CLIPS_HINT = "Record how you move, and let the portrait do it while you are away or for a demo"
CLIPS_TITLE = "Recorded movement"
CLIPS_TEXT = (
    "What plays is done by the portrait over and over, in place of your camera, which is off meanwhile. Recordings "
    "hold the movement of your face as numbers, no picture and no sound."
)
CLIPS_NO_CAMERA = "To record, choose a camera first."
CLIPS_RECORDING = "Your movement is recorded, three minutes at most."
CLIPS_PLAYING = "The portrait plays this in place of your camera, which is off, until you press Stop."
CLIPS_LIST = "Movements that can be played"
CLIP_ITEM = "{name}   {length}"
CLIP_ITEM_OWN = "{name}   {length}   (yours)"
CLIP_NAME = "Movement {now:%Y-%m-%d %H-%M-%S}"
CLIP_PLAY = "Play"
CLIP_STOP = "Stop playing"
CLIP_RECORD = "Record movement"
CLIP_RECORD_STOP = "Save  {length}"
CLIP_EXPORT = "Export…"
CLIP_IMPORT = "Import…"
CLIP_REMOVE = "Remove recording…"
CLIP_CLOSE = "Close"
CLIP_KEPT = "The movement was saved."
CLIP_KEPT_WHY = "It is {length} long and called {name}."
CLIP_EXPORTED = "The movement was exported."
CLIP_REMOVE_TITLE = "Remove recording"
CLIP_REMOVE_WHAT = "Remove {name}?"
CLIP_REMOVE_WHY = "The recording is deleted from this computer."
CLIP_DIALOG = "Choose a recorded movement"
CLIP_SAVE_DIALOG = "Export the movement"
CLIP_FILTER = "Recorded movement (*.motion)"
CAMERA_PLAYING = "“{name}” plays in place of your camera."

# --- stages --------------------------------------------------------------------------------------------------
STAGES = "Look inside"
STAGES_HINT = "See what the stages of the network decide, as it happens"
STAGES_TITLE = "Inside the network"
STAGES_TEXT = "What the network decides for the animated square, a few times a second. It costs some speed meanwhile."
STAGES_NONE = "The model in use has no stages to show. Choose Detailed (synergy) to see them."
STAGES_WAITING = "Waiting for the next animated picture…"
STAGES_CLOSE = "Close"
STAGE_NAMES = {
    "flow": "Movement",
    "visibility": "Shown by the portrait",
    "picture": "Picture used",
    "confidence": "Trust",
}
STAGE_HINTS = {
    "flow": "Colour: from which direction each place is fetched; brightness: from how far.",
    "visibility": "White: the portrait shows what is needed. Black: it is hidden there.",
    "picture": "Blue: the portrait. Other colours: its further pictures.",
    "confidence": "Green: the movement alone is trusted. Red: it is corrected.",
}

# --- language ------------------------------------------------------------------------------------------------
LANGUAGE = "Language"
LANGUAGE_HINT = "Language of the window, from the next start on"
LANGUAGES = {"system": "As the system", "en": "English", "de": "Deutsch", "zh": "中文"}
LANGUAGE_LATER = "The window speaks this language from the next start on."
LANGUAGE_LATER_WHY = "The log and reports stay in English."

# --- problems and notices ------------------------------------------------------------------------------------
PROBLEM_BAR = "Messages"
DISMISS = "Dismiss"
DISMISS_HINT = "Close this message"
NEXT_NAME = "Next message"
NEXT_PROBLEM = "Next ({index} of {count})"
OPEN_FOLDER = "Open folder"
COPY_REPORT = "Copy report"
COPY_REPORT_HINT = "Put the report into the clipboard. It holds no pictures, no names and no folders of yours."

CRASHED = "Understudy stopped unexpectedly last time."
CRASHED_WHY = "What is known about it is in a report that you can send to whoever helps you."
CRASHED_UNKNOWN = "Nothing is known about it."
CRASHED_AWAY = "Others see the away card until you press “Come back”."

SNAPSHOT_SAVED = "The snapshot was saved."
RECORDING_SAVED = "The recording was saved."
RECORDING_SAVED_WHY = "It is {length} long: {path}"
NOTES_WHAT = "{name} may not look its best."
NOTES_FIX = "You can use it all the same, or choose another picture."
NO_AVATARS = "The portraits that come with the program could not be listed."
NO_AVATARS_FIX = "Choose a picture of your own; reinstalling brings the others back."
NO_CAMERAS = "The cameras could not be listed."
NO_CAMERAS_FIX = "Press the refresh button; a video file works as a camera too."
NOT_KEPT = "{name} is used now, but was not added to your portraits."
NOT_KEPT_FIX = "Choose the picture again next time, or free some space."
NOT_A_PICTURE = "What you dropped or pasted is not a picture on this computer."
NOT_A_PICTURE_WHY = "It is a link, a text or another kind of file."
NOT_A_PICTURE_FIX = "Save the picture to a file first, then drop that file."
PASTE_EMPTY = "There is no picture to paste."
PASTE_EMPTY_WHY = "The clipboard holds something else or nothing."
PASTE_EMPTY_FIX = "Copy a picture first, then paste again."
PASTE_UNSAVED = "The pasted picture could not be kept."
PASTE_UNSAVED_WHY = "It could not be written to {folder}."
PASTE_UNSAVED_FIX = "Free some space there, or save the picture to a file and choose that."
