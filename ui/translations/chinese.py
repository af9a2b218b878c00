"""简体中文: every sentence of `ui.strings`."""

from __future__ import annotations

APP_NAME = "Understudy"

PREVIEW = "别人所见画面的预览"
PREVIEW_HINT = "离开这台电脑的画面；打开“镜像”时以镜像显示。"
CHOOSE_TITLE = "您想以谁的形象出现？"
CHOOSE_TEXT = "在下方选择一个肖像，或把一张人脸图片拖到这里。"
DROP_TITLE = "在此放下图片"
DROP_TEXT = "一张图片，一张脸，看着镜头。"
STARTING_TITLE = "正在准备…"
STARTING_TEXT = "第一次启动需要几秒钟。"
PREPARING_TITLE = "正在准备 {name}…"
PREPARING_TEXT = "正在图片中寻找人脸。"
STOPPED_TITLE = "画面停止了"
STOPPED_TEXT = "按“再试一次”重新开始。"

BADGE_STARTING = "启动中"
BADGE_STOPPED = "已停止"
BADGE_LIVE = "直播中"
BADGE_READY = "就绪"
BADGE_HELD = "保持"
BADGE_IDLE = "空闲"
BADGE_AWAY = "离开"
STATUS_STARTING = "正在启动…"
STATUS_STOPPED = "没有发送任何画面。"
STATUS_LIVE = "肖像正跟随您的脸。"
STATUS_HELD = "您的脸暂时看不到了。"
STATUS_IDLE = "画面中没有脸。肖像会自己呼吸和眨眼。"
STATUS_IDLE_NO_CAMERA = "未选择摄像头。肖像会自己呼吸和眨眼。"
STATUS_AWAY = "别人看到的是离开卡片。"
STATUS_NO_PORTRAIT = "请先选择一个肖像。"
SIDE = "控制面板"
SIDE_HINT = "在画面旁显示摄像头、麦克风和其他所有设置"
ONLY_AVATAR = "别人只能看到您的虚拟形象"
ONLY_AVATAR_HINT = "摄像头的画面绝不会离开这台电脑，一帧也不会。"
HEALTH = "{fps:.0f} 帧/秒  ·  延迟 {latency_ms:.0f} 毫秒  ·  略过 {drops} 帧  ·  {model}（{device}）"
HEALTH_HINT = (
    "每秒帧数；从您的动作到画面的延迟；最近十秒内未跟随的摄像头画面；生成画面所用的模型和设备。\n"
    "摄像头 {camera_fps:.0f} 帧/秒 · 延迟 {p50:.0f} 毫秒，二十帧中有一帧超过 {p95:.0f} 毫秒，最多 {p99:.0f} 毫秒"
)
HEALTH_NAME = "帧率、延迟、略过的画面和设备"
HEALTH_NOTHING = "尚无测量结果"

GUIDE = "入门三步"
GUIDE_HINT = "再次显示入门三步"
GUIDE_HEAD = "第 {step} 步，共 {steps} 步：{title}"
GUIDE_TITLES = ("选择您要以谁的形象出现", "选择摄像头", "开始直播")
GUIDE_TEXTS = (
    "在下方一排中选择一个肖像，或添加您自己的图片。",
    "在右侧选择。您的脸会在那里以线条的形式出现；摄像头画面不会给任何人看。",
    "放松表情，直视前方，按“设为中性表情”，然后打开“开始直播”。",
)
GUIDE_DONE_TEXTS = (
    "在下方一排中选择一个肖像，或添加您自己的图片。随时可以更换。",
    "很好：已看到您的脸，肖像正跟随它。",
    "您正在直播。请在会议软件中选择本程序的摄像头。按 Esc 键立即显示离开卡片。",
)
GUIDE_NEXT = "下一步"
GUIDE_BACK = "上一步"
GUIDE_SKIP = "跳过"
GUIDE_END = "完成"

LIVE = "开始直播"
LIVE_ON = "正在直播"
LIVE_HINT = "让别人看到肖像；关闭时别人看到离开卡片（{key}）"
LIVE_SEEN = "别人看到的是肖像。"
LIVE_AWAY = "别人看到的是离开卡片。"
LIVE_OFF = "现在还没有人看到肖像。"
LIVE_STARTING = "正在启动虚拟摄像头…"
LIVE_STOPPED = "画面已停止：别人看到的是离开卡片。"
LIVE_TROUBLE = "没有人能看到：虚拟摄像头不可用。"

RECORD = "录制"
RECORD_STOP = "停止  {length}"
RECORD_HINT = "把别人所见的画面录制到您的视频文件夹（{key}）"
PAUSE = "暂停录制"
PAUSE_HINT = "再次按下之前的内容不会录进去（{key}）"
RESUME_HINT = "继续录制（{key}）"
SNAPSHOT = "保存截图"
SNAPSHOT_HINT = "把别人所见的画面保存为图片，存入您的图片文件夹（{key}）"
CALIBRATE = "设为中性表情"
CALIBRATE_HINT = "放松表情，直视前方，然后按这里（{key}）"
AWAY = "离开"
AWAY_HINT = "给别人显示离开卡片（{key}；按 Esc 总是离开）"
BACK = "回来"
BACK_HINT = "让别人重新看到肖像（{key}）"
MIRROR = "镜像"
MIRROR_HINT = "像照镜子一样显示此预览（{key}）。别人看到的画面方向始终正确。"
POP_OUT = "在单独的窗口中显示画面"
POP_OUT_HINT = "在单独的窗口中显示画面，用于投影仪或捕获窗口的程序（{key}）。它从不镜像；双击可全屏。"
POP_OUT_TITLE = "Understudy – 画面"
TRY_AGAIN = "再试一次"

TRAY_SHOW = "显示窗口"
TRAY_AWAY = "立即离开"
TRAY_NEXT = "下一个肖像"
TRAY_QUIT = "退出"
ALREADY_OPEN = "Understudy 已经打开；已将其窗口移到前面。"

GALLERY = "肖像"
GALLERY_HINT = "方向键移动，回车键选择。"
ADD_PICTURE = "添加图片…"
ADD_PICTURE_NAME = "添加您自己的图片"
ADD_PICTURE_HINT = "使用您自己的图片（{key}）。也可以拖放或粘贴。"
OWN_PICTURE = "您的图片。按鼠标右键可重命名、移除或移动。"
TILE_KEY = "{name}（按键 {key}）"
RENAME = "重命名…"
RENAME_TITLE = "重命名肖像"
RENAME_LABEL = "{name} 的新名称："
REMOVE = "移除…"
REMOVE_TITLE = "移除肖像"
REMOVE_WHAT = "移除 {name}？"
REMOVE_WHY = "它的图片以及保存在此的所有视图将从这台电脑上删除。"
REMOVE_YES = "移除"
REMOVE_NO = "保留"
CUT = "裁剪图片…"
CUT_TITLE = "哪部分会动"
CUT_HINT = "虚线方框随您的脸运动；图片的其余部分保持不动。拖动框或其四角，只保留图片的一部分。脸始终在框内。"
CUT_CANVAS = "图片中要保留部分的框"
CUT_CANVAS_HINT = "方向键移动框，加号和减号改变大小。"
CUT_ANIMATED = "会动"
CUT_USE = "使用这部分"
CUT_WHOLE = "保留整张图片"
MOVE_EARLIER = "向左移动"
MOVE_LATER = "向右移动"
PICTURE_DIALOG = "选择一张有人脸的图片"
PICTURE_FILTER = "图片 (*.jpg *.jpeg *.png *.webp *.bmp *.heic *.heif *.tif *.tiff);;所有文件 (*)"
PICTURE_PLACEHOLDER = "肖像"

CAMERA = "摄像头"
CAMERA_HINT = "看着您的脸的摄像头"
CAMERA_NONE = "无摄像头"
CAMERA_NONE_FOUND = "未找到摄像头"
CAMERA_SEARCHING = "正在查找摄像头…"
CAMERA_SYNTHETIC = "测试画面"
CAMERA_FILE = "视频文件…"
CAMERA_MISSING = "{name}（未连接）"
CAMERA_OFF = "肖像会自己呼吸和眨眼。"
CAMERA_STARTING = "正在等待画面…"
CAMERA_TROUBLE = "不可用"
CAMERA_FACE = "已看到您的脸。"
CAMERA_NO_FACE = "画面中没有脸。"
CAMERA_RATE = "{fps:.0f} 帧/秒"
SIGHT = "摄像头在哪里看到您的脸"
SIGHT_HINT = "摄像头看到的您的脸，以线条绘制。摄像头画面不会显示在任何地方，共享屏幕也不会泄露。"
CAMERA_REFRESH = "重新查找摄像头"
CAMERA_REFRESH_HINT = "重新查找摄像头（{key}）"
VIDEO_DIALOG = "选择一个视频作为摄像头"
VIDEO_FILTER = "视频 (*.mp4 *.mkv *.mov *.webm *.avi *.m4v);;所有文件 (*)"

VIRTUAL_CAMERA = "虚拟摄像头"
VIRTUAL_CAMERA_HINT = "让 Zoom、Teams、Meet、Discord 和 OBS 看到肖像（{key}）"
VIRTUAL_OFF = "关"
VIRTUAL_STARTING = "正在启动…"
VIRTUAL_ON = "开：请在会议软件中选择“{name}”。"
VIRTUAL_TROUBLE = "不可用"
VIRTUAL_WHY = "为什么？"
VIRTUAL_WHY_HINT = "说明虚拟摄像头为何不可用以及该怎么做"

KEYS = "按键"
KEYS_BUTTON_HINT = "显示按键列表（{key}）"
KEYS_TITLE = "按键"
KEYS_HINT = "这些按键在 Understudy 窗口位于最前时有效。需要处处有效的按键，请通过远程控制连接 Stream Deck 或按键程序。"
KEYS_PLACES = "显示该位置的肖像"
KEYS_PLACES_KEYS = "1 … {last}"
KEYS_CLOSE = "关闭"
KEY_NAMES = {
    "LIVE": "开始或停止直播",
    "AWAY": "立即离开",
    "AWAY_TOGGLE": "离开，或回来",
    "NEXT_AVATAR": "下一个肖像",
    "PREVIOUS_AVATAR": "上一个肖像",
    "CALIBRATE": "设为中性表情",
    "RECORD": "录制，或停止",
    "PAUSE": "暂停或继续录制",
    "SNAPSHOT": "保存截图",
    "MUTE": "麦克风静音，或取消",
    "MIRROR": "预览镜像",
    "POP_OUT": "在单独的窗口中显示画面，或取消",
    "VIRTUAL_CAMERA": "开关虚拟摄像头",
    "ADD_PICTURE": "添加图片",
    "PASTE": "使用剪贴板中的图片",
    "REFRESH": "重新查找设备",
    "DOCTOR": "检查这台电脑",
    "KEYS": "此列表",
    "QUIT": "退出",
}
GALLERY_KEYS_TITLE = "在肖像一排中"
GALLERY_KEY_NAMES = {
    "RENAME": "重命名自己的肖像",
    "REMOVE": "移除自己的肖像",
    "CUT": "裁剪自己肖像的图片",
    "REFERENCES": "自己肖像的更多图片",
    "EARLIER": "把肖像向左移动",
    "LATER": "把肖像向右移动",
}

DOCTOR = "检查这台电脑"
DOCTOR_HINT = "查看摄像头、虚拟摄像头、声音、文件等，并说明该怎么做（{key}）"
DOCTOR_TITLE = "检查这台电脑"
DOCTOR_RUNNING = "正在查看一切。需要几秒钟；画面会继续。"
DOCTOR_OK = "一切就绪。"
DOCTOR_LIMITED = "Understudy 可以工作；下面标出的缺失或受限。"
DOCTOR_MISSING = "缺少 Understudy 所需的东西。"
DOCTOR_AGAIN = "再次检查"
DOCTOR_AGAIN_HINT = "再查看一遍"
DOCTOR_FOLDER = "打开日志文件夹"
DOCTOR_FOLDER_HINT = "打开存放日志和崩溃报告的文件夹"
DOCTOR_CLOSE = "关闭"
DOCTOR_CAMERA_IN_USE = "虚拟摄像头：{name}，本程序正在使用。"
DOCTOR_VERDICTS = {"ok": "正常", "limited": "受限", "missing": "缺失"}
DOCTOR_NAMES = {
    "python": "Python",
    "versions": "软件包",
    "opencv": "OpenCV",
    "device": "处理器和显卡",
    "tracker": "人脸跟踪",
    "weights": "模型文件",
    "avatars": "肖像",
    "cameras": "摄像头",
    "virtual": "虚拟摄像头",
    "sound": "声音",
    "display": "屏幕",
    "disk": "磁盘",
    "settings": "设置",
    "log": "日志",
}

REMOTE = "远程控制"
REMOTE_HINT = "让这台电脑上的 Stream Deck 和脚本切换肖像、离开、录制等。"
REMOTE_OFF = "关。"
REMOTE_STARTING = "正在启动…"
REMOTE_ON = "开，供这台电脑上知道地址的程序使用。"
REMOTE_ADDRESS = "远程控制的地址，不含其保密部分"
REMOTE_COPY = "复制"
REMOTE_COPY_HINT = "复制完整地址；知道它的人就能控制本程序。"
LIKENESS_BAR = "关于肖像的问题"
LIKENESS_WHAT = "您可以展示 {name} 吗？"
LIKENESS_WHY = "只展示您自己的脸，或已获本人同意的脸。此问题只问一次。"
LIKENESS_YES = "是我本人 / 我已获许可"
LIKENESS_NO = "选择另一个"
LIKENESS_WAITING = "{name} 正在等您在上方回答。"
BADGE = "在角落标注“AI avatar”"
BADGE_HINT = "在发送的画面中写明这是虚拟形象，人人可见。"

MICROPHONE = "麦克风"
MICROPHONE_HINT = "您的声音，延后到同一时刻的画面可见为止"
SOUND_NO_MICROPHONE = "无麦克风"
SOUND_AUTO = "自动"
SOUND_OF_CAMERA = "视频文件的声音"
SOUND_MISSING = "{name}（未连接）"
SOUND_OUTPUT = "发送到"
SOUND_OUTPUT_HINT = "虚拟音频线：在会议软件中选择它的另一端作为麦克风。"
SOUND_NOWHERE = "不发送"
SOUND_MONITOR = "收听于"
SOUND_MONITOR_HINT = "和别人一样晚地听到自己的声音。请使用耳机。"
SOUND_NO_MONITOR = "不收听"
MUTE = "静音"
UNMUTE = "取消静音"
MUTE_HINT = "发送静音（{key}）"
SOUND_LEVEL = "麦克风音量"
SOUND_LEVEL_HINT = "您的声音有多大；红色表示太大。"
SOUND_OFF = "没有发送或录制声音。"
SOUND_STARTING = "正在启动…"
SOUND_MUTED = "已静音：别人听不到。"
SOUND_TOGETHER = "延后 {delay_ms:.0f} 毫秒，与画面一致。"
SOUND_LATE = "画面需要 {delay_ms:.0f} 毫秒，声音再多 {late_ms:.0f} 毫秒。"

BROWSER = "浏览器来源"
BROWSER_HINT = "向这台电脑上的 OBS 和浏览器显示画面，也支持透明背景"
BROWSER_OFF = "关"
BROWSER_STARTING = "正在启动…"
BROWSER_ON = "开：在 OBS 中用此地址添加浏览器来源。"
BROWSER_SEEN = "开：有一个程序在显示。"
BROWSER_SEEN_BY = "开：有 {count} 个程序在显示。"
BROWSER_TROUBLE = "不可用"
BROWSER_COPY = "复制地址"
BROWSER_COPY_HINT = "知道此地址的人能在这台电脑上看到画面；请勿外传。"

CAPTURE = "拍摄自己"
CAPTURE_BUTTON_HINT = "用摄像头在十秒内制作您自己的肖像；在您同意之前不会保留任何内容"
CAPTURE_TITLE = "拍摄自己"
CAPTURE_HINT = (
    "按要求逐一去做。每项会自动挑出最好的一张。图片留在内存中，直到您保留它们。正在看的人会看到您的肖像做同样的动作。"
)
CAPTURE_STARTING = "正在准备…"
CAPTURE_NO_CAMERA = "请先选择摄像头。"
CAPTURE_HAS_IT = "拍到了。"
CAPTURE_PROGRESS = "拍摄进度"
CAPTURE_FOUND = "保留这些图片吗？"
CAPTURE_NOTHING = "没有足够好的图片可作肖像。"
CAPTURE_SAVING = "正在保存…"
CAPTURE_KEPT = "{name} 现在是您的肖像之一。"
CAPTURE_NAME = "我"
CAPTURE_NAME_LABEL = "新肖像的名称"
CAPTURE_BOX_HINT = "取消勾选不想保留的"
CAPTURE_KEEP = "保留"
CAPTURE_DROP = "丢弃"
CAPTURE_AGAIN = "重新拍摄"
CAPTURE_DELETE = "再次删除"
CAPTURE_CLOSE = "关闭"
CAPTURE_GOALS = {
    "neutral": "中性",
    "smile": "微笑",
    "open mouth": "张嘴",
    "blink": "闭眼",
    "left": "转向左",
    "right": "转向右",
}

# --- further pictures ----------------------------------------------------------------------------------------
REFERENCES = "更多图片…"
REFERENCES_TITLE = "{name} 的更多图片"
REFERENCES_TEXT = (
    "同一个人的图片，展示肖像看不到的部分：另一侧脸颊、牙齿、闭上的眼睛。"
    "在此添加或拖入照片，或从视频中提取最佳画面。在您同意之前不会保留任何内容。"
)
REFERENCES_UNUSED = "同一个人的更多图片。当前模型只看肖像本身；选择“细致（synergy）”后，从下次启动起这些图片才起作用。"
REFERENCES_PHOTOS = "添加照片…"
REFERENCES_VIDEO = "从视频提取…"
REFERENCES_DIALOG = "选择 {name} 的照片"
REFERENCES_VIDEO_DIALOG = "选择 {name} 的视频"
REFERENCES_LOOKING = "正在寻找最有用的画面…"
REFERENCES_PROGRESS = "查看进度"
REFERENCES_CANCEL = "取消"
REFERENCES_FOUND = "保留这些图片吗？"
REFERENCES_NOTHING = "没有有用的图片。"
REFERENCES_MORE = "以及另外 {count} 个"
REFERENCES_SAVING = "正在保存…"
REFERENCES_PICTURE = "图片 {number}"
REFERENCES_BOX_HINT = "取消勾选不想保留的"
REFERENCES_KEEP = "保留"
REFERENCES_DROP = "丢弃"
REFERENCES_REMOVE = "移除"
REFERENCES_REMOVE_NAME = "移除：{picture}"
REFERENCES_REMOVE_HINT = "从这台电脑上删除此图片"
REFERENCES_CLOSE = "关闭"

MODEL = "模型"
MODEL_HINT = "画质为“自动”或“最佳”时由它绘制画面。“细致”对电脑的负担更大。"
MODELS = {"geometric": "快速（geometric）", "synergy": "细致（synergy）"}

QUALITY = "画质"
QUALITY_HINT = "“自动”按这台电脑的能力显示。其他选项保持不变。"
QUALITIES = {"auto": "自动", "best": "最佳", "balanced": "均衡", "light": "轻量"}
QUALITY_TEXTS = {
    "auto": "尽这台电脑的能力。",
    "best": "模型能做到的一切，即使变慢。",
    "balanced": "对电脑较轻，每个画面都跟随。",
    "light": "对电脑最轻：每秒画面更少。",
}

MOTION = "动作"
SMOOTHING = "平滑"
SMOOTHING_HINT = "灵敏立即跟随；平稳让抖动的画面安静。"
SMOOTHING_LOW = "灵敏"
SMOOTHING_HIGH = "平稳"
GAIN = "强度"
GAIN_HINT = "肖像动作的强度；100 % 与您一样。"
PERCENT = "{value} %"
REGION = "跟随"
REGION_HINT = "肖像采用您的哪些动作"
REGIONS = {
    "all": "头和脸",
    "pose": "只有头",
    "expression": "只有脸",
    "eyes": "只有眼睛",
    "lips": "只有嘴",
}
GAZE = "视线"
GAZE_HINT = "肖像看向哪里"
GAZES = {
    "follow": "您所看的地方",
    "soften": "更靠近摄像头",
    "camera": "摄像头",
}
STITCHING = "保持肩膀不动"
STITCHING_HINT = "只移动头部；画面其余部分保持原位。"
EYES = "固定眼睛张开"
EYES_HINT = "让眼睛保持这样张开，而不跟随您"
EYES_AMOUNT = "眼睛张开多少"
LIPS = "固定嘴张开"
LIPS_HINT = "让嘴保持这样张开，而不跟随您"
LIPS_AMOUNT = "嘴张开多少"
RESET = "重置"
RESET_HINT = "把所有动作控制恢复为出厂设置"

PICTURE = "画面"
FIT = "构图"
FIT_HINT = "不是宽幅的肖像如何放进宽幅画面"
FITS = {"fill": "填满画面", "fit": "显示整个肖像"}
BACKGROUND = "背景"
BACKGROUND_HINT = "人物身后看到的内容"
BACKGROUNDS = {
    "keep": "与肖像相同",
    "blur": "模糊",
    "colour": "单色",
    "picture": "图片",
    "transparent": "透明（用于 OBS）",
}
COLOUR_BUTTON = "选择颜色…"
COLOUR_DIALOG = "背景颜色"
BACKGROUND_BUTTON = "选择图片…"
BACKGROUND_DIALOG = "选择背景图片"

CLIPS = "录下的动作"
CLIPS_HINT = "录下您的动作，在您离开或演示时让肖像去做"
CLIPS_TITLE = "录下的动作"
CLIPS_TEXT = (
    "播放时，肖像会代替您的摄像头反复做这些动作，期间摄像头关闭。录下的只是您脸部动作的数字，没有画面，也没有声音。"
)
CLIPS_NO_CAMERA = "要录制，请先选择摄像头。"
CLIPS_RECORDING = "正在录下您的动作，最长三分钟。"
CLIPS_PLAYING = "肖像正代替您的摄像头播放此动作，摄像头已关闭，直到您停止播放。"
CLIPS_LIST = "可以播放的动作"
CLIP_ITEM = "{name}   {length}"
CLIP_ITEM_OWN = "{name}   {length}   （自己的）"
CLIP_NAME = "动作 {now:%Y-%m-%d %H-%M-%S}"
CLIP_PLAY = "播放"
CLIP_STOP = "停止播放"
CLIP_RECORD = "录下动作"
CLIP_RECORD_STOP = "保存  {length}"
CLIP_EXPORT = "导出…"
CLIP_IMPORT = "导入…"
CLIP_REMOVE = "移除录制…"
CLIP_CLOSE = "关闭"
CLIP_KEPT = "动作已保存。"
CLIP_KEPT_WHY = "长度 {length}，名称 {name}。"
CLIP_EXPORTED = "动作已导出。"
CLIP_REMOVE_TITLE = "移除录制"
CLIP_REMOVE_WHAT = "移除 {name}？"
CLIP_REMOVE_WHY = "此录制将从这台电脑上删除。"
CLIP_DIALOG = "选择录下的动作"
CLIP_SAVE_DIALOG = "导出动作"
CLIP_FILTER = "录下的动作 (*.motion)"
CAMERA_PLAYING = "“{name}”正代替您的摄像头播放。"

STAGES = "查看内部"
STAGES_HINT = "实时查看网络各阶段的决定"
STAGES_TITLE = "网络内部"
STAGES_TEXT = "网络对动画方框所作的决定，每秒数次。打开时会略微变慢。"
STAGES_NONE = "当前模型没有可显示的阶段。请选择“细致（synergy）”查看。"
STAGES_WAITING = "正在等待下一个动画画面…"
STAGES_CLOSE = "关闭"
STAGE_NAMES = {"flow": "运动", "visibility": "肖像可见处", "picture": "所用图片", "confidence": "信任"}
STAGE_HINTS = {
    "flow": "颜色：每处取自哪个方向；亮度：取自多远。",
    "visibility": "白色：肖像显示了所需内容。黑色：那里被遮住。",
    "picture": "蓝色：肖像。其他颜色：它的其他图片。",
    "confidence": "绿色：只信任运动。红色：已作修正。",
}

LANGUAGE = "语言"
LANGUAGE_HINT = "窗口的语言，下次启动时生效"
LANGUAGES = {"system": "跟随系统", "en": "English", "de": "Deutsch", "zh": "中文"}
LANGUAGE_LATER = "窗口将从下次启动起使用此语言。"
LANGUAGE_LATER_WHY = "日志和报告仍为英文。"

PROBLEM_BAR = "消息"
DISMISS = "关闭消息"
DISMISS_HINT = "关闭此消息"
NEXT_NAME = "下一条消息"
NEXT_PROBLEM = "下一条（{index}/{count}）"
OPEN_FOLDER = "打开文件夹"
COPY_REPORT = "复制报告"
COPY_REPORT_HINT = "把报告放入剪贴板。其中没有您的图片、姓名或文件夹。"

CRASHED = "Understudy 上次意外停止。"
CRASHED_WHY = "已知的情况在一份报告中，您可以把它发给帮助您的人。"
CRASHED_UNKNOWN = "没有任何已知情况。"
CRASHED_AWAY = "在您按“回来”之前，别人看到的是离开卡片。"

SNAPSHOT_SAVED = "截图已保存。"
RECORDING_SAVED = "录制已保存。"
RECORDING_SAVED_WHY = "长度 {length}：{path}"
NOTES_WHAT = "{name} 的效果可能不是最好。"
NOTES_FIX = "您仍可使用它，或选择另一张图片。"
NO_AVATARS = "无法列出程序自带的肖像。"
NO_AVATARS_FIX = "请选择您自己的图片；重新安装可恢复其他肖像。"
NO_CAMERAS = "无法列出摄像头。"
NO_CAMERAS_FIX = "请按刷新按钮；视频文件也可作为摄像头。"
NOT_KEPT = "{name} 现在已使用，但没有加入您的肖像。"
NOT_KEPT_FIX = "下次请再选择该图片，或释放一些空间。"
NOT_A_PICTURE = "您拖放或粘贴的不是这台电脑上的图片。"
NOT_A_PICTURE_WHY = "它是链接、文字或其他类型的文件。"
NOT_A_PICTURE_FIX = "请先把图片保存为文件，再拖放该文件。"
PASTE_EMPTY = "没有可粘贴的图片。"
PASTE_EMPTY_WHY = "剪贴板中是其他内容，或是空的。"
PASTE_EMPTY_FIX = "请先复制一张图片，再粘贴。"
PASTE_UNSAVED = "无法保留粘贴的图片。"
PASTE_UNSAVED_WHY = "无法写入 {folder}。"
PASTE_UNSAVED_FIX = "请在那里释放一些空间，或把图片保存为文件再选择。"
