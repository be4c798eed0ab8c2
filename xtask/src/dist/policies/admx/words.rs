//! The Group Policy editor's texts for our policies, in both languages.

/// What a policy is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    InstallExtension,
    AllowHost,
    MachineOnly,
    AllowedOrigins,
    Agencies,
    HelpDesk,
    Pin,
    Log,
}

/// A language of the editor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Japanese,
}

impl Language {
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en-US",
            Self::Japanese => "ja-JP",
        }
    }

    /// Picks the text in this language.
    pub(super) fn pick<'a>(self, english: &'a str, japanese: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Japanese => japanese,
        }
    }
}

/// The label of a stored value in the editor.
pub(super) fn choice(word: &str, language: Language) -> &'static str {
    let (english, japanese) = match word {
        "window" => ("window: the card window", "window：カードの画面"),
        "host" => ("host: a dialog of the card program", "host：カード接続プログラムの画面"),
        "ask" => ("ask: the person decides", "ask：本人が決める"),
        "refuse" => ("refuse: it is not used", "refuse：使わせない"),
        "off" => ("off: nothing", "off：残さない"),
        "error" => ("error: what an administrator has to mend", "error：管理者が直すこと"),
        "warn" => ("warn: also what people can mend", "warn：本人が直せることも"),
        "info" => ("info: also requests and their ends", "info：求めと結果も"),
        _ => ("debug: also readers and cards", "debug：リーダーとカードの出入りも"),
    };
    language.pick(english, japanese)
}

impl Kind {
    /// The title in the editor's list.
    pub(super) fn title(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::InstallExtension => ("Install the extension", "拡張機能をインストールする"),
            Self::AllowHost => (
                "Let the extension reach the card program",
                "拡張機能からカード接続プログラムを使えるようにする",
            ),
            Self::MachineOnly => (
                "Start only programs that an administrator registered",
                "管理者が登録したプログラムだけを起動する",
            ),
            Self::AllowedOrigins => ("Sites that may use cards", "カードの利用を許すサイト"),
            Self::Agencies => ("Agencies' names for each site", "サイトごとの発注機関名"),
            Self::HelpDesk => ("Help desk", "問い合わせ先"),
            Self::Pin => ("Entering PINs", "PIN番号の入力"),
            Self::Log => ("The card program's log", "カード接続プログラムの記録"),
        };
        language.pick(english, japanese)
    }

    /// The explanation in the editor.
    pub(super) fn explanation(self, language: Language) -> &'static str {
        let (english, japanese) = match self {
            Self::InstallExtension => (
                "Adds Touroku to ExtensionInstallForcelist: the browser installs it without asking, updates it, and people cannot remove it. If a list of the browser's own template is set in the same computer's policies, add the entry there instead: that list replaces this one. Not configured: the extension is removed.",
                "ExtensionInstallForcelist に Touroku を加えます。確認なしでインストールされ、自動で更新され、利用者は削除できません。ブラウザー自身のテンプレートの一覧を同じパソコンに設定している場合は、その一覧に加えてください（この値は置き換えられます）。未構成にすると拡張機能は削除されます。",
            ),
            Self::AllowHost => (
                "Adds the card program to NativeMessagingAllowlist. Needed where NativeMessagingBlocklist holds *; harmless elsewhere.",
                "NativeMessagingAllowlist にカード接続プログラムを加えます。NativeMessagingBlocklist に * がある場合に必要です。ほかの場合も害はありません。",
            ),
            Self::MachineOnly => (
                "Turns NativeMessagingUserLevelHosts off: a program that a person, or malware with a person's rights, registered under the card program's name is not started, so it cannot ask for PINs. This is about all products: leave it unconfigured if another one registers its program for each person.",
                "NativeMessagingUserLevelHosts を無効にします。カード接続プログラムの名前で利用者ごとに登録された別のプログラム（利用者の権限で動く不正なプログラムなど）が代わりに起動され、PIN番号を尋ねることを防ぎます。すべての製品に効くため、利用者ごとにプログラムを登録するほかの製品があるときは、未構成のままにしてください。",
            ),
            Self::AllowedOrigins => (
                "Only these sites may ask for a card, such as https://ebid.example.jp. The list narrows what the extension was built for, and cannot widen it. Enabled and empty: no site may. Not configured: all sites that the extension was built for.",
                "ここに書いたサイトだけが、カードの利用を求められます（例：https://ebid.example.jp）。拡張機能に組み込まれた範囲を狭めるもので、広げることはできません。空にするとどのサイトも使えません。未構成の場合は、組み込まれたすべてのサイトが使えます。",
            ),
            Self::Agencies => (
                "Names that the card window shows beside a site's address, as JSON: [{\"origin\": \"https://ebid.example.jp\", \"name\": \"...\"}]. Not configured: the names that the extension was built with.",
                "カードの画面でサイトのアドレスと並べて表示する発注機関名を、JSONで書きます：[{\"origin\": \"https://ebid.example.jp\", \"name\": \"…\"}]。未構成の場合は、拡張機能に組み込まれた名前を表示します。",
            ),
            Self::HelpDesk => (
                "Whom people are told to call when something is wrong on their computer. Not configured: the desk that the extension was built with.",
                "利用者のパソコンで問題が起きたときに案内する問い合わせ先です。未構成の場合は、拡張機能に組み込まれた問い合わせ先を案内します。",
            ),
            Self::Pin => (
                "Where PINs are entered (window or host; host.toml must say the same), what becomes of a card's last try (ask or refuse), and after how many minutes without a touch the card window closes. Not configured: window, ask and 5.",
                "PIN番号を入力する場所（window または host。host.toml と同じにします）、カードの最後の1回の扱い（ask または refuse）、操作がないときにカードの画面を閉じるまでの分数です。未構成の場合は window、ask、5分です。",
            ),
            Self::Log => (
                "How much the card program logs for each person: off, error, warn, info or debug. No PIN and no name is ever logged. A log_level in host.toml goes before this. Not configured: error.",
                "カード接続プログラムが利用者ごとに残す記録の詳しさです（off、error、warn、info、debug）。PIN番号や氏名は、どの値でも書きません。host.toml に log_level があれば、そちらが優先されます。未構成の場合は error です。",
            ),
        };
        language.pick(english, japanese)
    }

    /// The label beside a field.
    pub(super) fn label(self, value_name: &str, language: Language) -> &'static str {
        let (english, japanese) = match (self, value_name) {
            (Self::AllowedOrigins, _) => ("Sites", "サイト"),
            (Self::Agencies, _) => ("Names (JSON)", "発注機関名（JSON）"),
            (_, "name") => ("Name", "名称"),
            (Self::Pin, "pin_entry") => ("Where", "場所"),
            (Self::Pin, "pin_last_try") => ("Last try", "最後の1回"),
            (Self::Pin, _) => ("Minutes until the window closes (1 to 30)", "閉じるまでの分数（1〜30）"),
            (Self::Log, _) => ("Level", "詳しさ"),
            (_, "hours") => ("Hours (may be empty)", "受付時間（空でもよい）"),
            (_, "note") => ("Note (may be empty)", "備考（空でもよい）"),
            _ => ("Telephone", "電話番号"),
        };
        language.pick(english, japanese)
    }
}
