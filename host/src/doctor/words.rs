//! The doctor's Japanese: for each code what is wrong, how to fix it, whom to ask and what the browser says.

use super::code::{Code, Severity};

/// A code's words.
pub(super) struct Words {
    pub(super) severity: Severity,
    pub(super) what: &'static str,
    pub(super) mend: &'static str,
    pub(super) ask: &'static str,
    pub(super) browser_says: Option<&'static str>,
}

const HELP_DESK: &str = "システムの窓口（ヘルプデスク）";
const ADMINISTRATOR: &str = "社内のシステム管理者";
const AUTHORITY: &str = "カードを発行した認証局";
const NOBODY: &str = "ご自身で対応できます";

// Chromium's texts, as `chrome.runtime.lastError` carries them.
const NOT_FOUND: &str = "Specified native messaging host not found.";
const FORBIDDEN: &str = "Access to the specified native messaging host is forbidden.";
const DISABLED: &str = "Access to the native messaging host was disabled by the system administrator.";
const EXITED: &str = "Native host has exited.";
const COMMUNICATING: &str = "Error when communicating with the native messaging host.";
// Windows; on Linux the same cause ends as `EXITED`.
const STARTING: &str = if cfg!(windows) { "Failed to start native messaging host." } else { EXITED };

type Row = (Severity, &'static str, &'static str, &'static str, Option<&'static str>);

impl Words {
    pub(super) fn of(code: Code) -> Self {
        let (severity, what, mend, ask, browser_says) = row(code);
        Self { severity, what, mend, ask, browser_says }
    }
}

fn row(code: Code) -> Row {
    use Severity::{Error, Note, Warning};
    match code {
        Code::NoBrowser => (
            Warning,
            "対応するブラウザーが見つかりません。",
            "Google Chrome、Microsoft Edge、Chromium のどれかをインストールしてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::BrowserConfined => (
            Warning,
            "Snap版・Flatpak版のブラウザーでは、ICカードを使えません。ほかのプログラムを起動できないためです。",
            "配布元のパッケージ（.deb、.rpm）でインストールしたブラウザーを使ってください。",
            ADMINISTRATOR,
            Some(NOT_FOUND),
        ),
        Code::ManifestMissing => (
            Error,
            "このブラウザーに、カード接続プログラムが登録されていません。",
            "touroku-host install --system を管理者として実行してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestMisnamed => (
            Error,
            "登録ファイルの名前が違うため、ブラウザーが見つけられません。",
            "ファイルの名前を jp.touroku.host.json に直すか、touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestUnreadable => (
            Error,
            "登録ファイルを、ブラウザーの利用者が読めません。",
            "ファイルを 644、上のフォルダーを 755 の権限にするか、touroku-host doctor --repair を実行するか、インストールし直してください。",
            ADMINISTRATOR,
            Some(NOT_FOUND),
        ),
        Code::ManifestNotJson => (
            Error,
            "登録ファイルがJSONとして読めません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestName => (
            Error,
            "登録ファイルの name が jp.touroku.host ではありません。",
            "このファイルを作った製品を確かめてください。登録のものなら、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestDescription => (
            Error,
            "登録ファイルの description が空です。空だとブラウザーはファイル全体を無視します。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestType => (
            Error,
            "登録ファイルの type が stdio ではありません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestPath => (
            Error,
            "登録ファイルに、プログラムの場所（path）がありません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestPathRelative => (
            Error,
            "登録ファイルの path が絶対パスではありません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestOrigins => (
            Error,
            "登録ファイルの allowed_origins が、文字列の一覧ではありません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ManifestShadowed => (
            Warning,
            "このパソコンの全員用の登録より先に、中身の違う別の登録が使われています。",
            "利用者ごとの登録は touroku-host uninstall --user で取り消してください。Windowsで全員用のものなら、示されたレジストリのキーを管理者が確かめてください。",
            HELP_DESK,
            None,
        ),
        Code::OriginMalformed => (
            Error,
            "allowed_origins に形の正しくない行があります。1行でも誤りがあると、ブラウザーはファイル全体を無視します。",
            "chrome-extension://ID/ の形（最後の / まで）に直すか、touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::OriginWildcard => (
            Error,
            "allowed_origins にワイルドカードがあります。ブラウザーはファイル全体を無視します。",
            "拡張機能のIDを1つずつ書くか、touroku-host doctor --repair を実行するか、インストールし直してください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::OriginNoExtension => (
            Warning,
            "allowed_origins に、どの拡張機能にも当たらない行があります。",
            "IDは英小文字 a〜p の32文字です。書き写しの誤りを確かめてください。",
            HELP_DESK,
            None,
        ),
        Code::ExtensionMissing => (
            Note,
            "このブラウザーに、拡張機能「登録（Touroku）」が入っていません。",
            "このブラウザーで使うときは、ストアまたは社内の配布方法で拡張機能を入れてください。",
            HELP_DESK,
            None,
        ),
        Code::ExtensionDisabled => (
            Warning,
            "拡張機能「登録（Touroku）」が無効になっています。",
            "chrome://extensions（Edgeは edge://extensions）で有効にしてください。できないときは、ポリシーで止められています。",
            HELP_DESK,
            None,
        ),
        Code::ExtensionTooOld => (
            Warning,
            "拡張機能「登録（Touroku）」が、このプログラムより古い版です。",
            "ブラウザーを起動し直すと更新されます。変わらないときは、配布している版を確かめてください。",
            HELP_DESK,
            None,
        ),
        Code::ExtensionNotAllowed => (
            Error,
            "拡張機能のIDが、登録ファイルの allowed_origins にありません。",
            "touroku-host install --extension-id ID でIDを加えてください。IDは chrome://extensions で確かめられます。",
            HELP_DESK,
            Some(FORBIDDEN),
        ),
        Code::ExtensionNotInConfig => (
            Warning,
            "登録ファイルにあるIDが、設定ファイルの allowed_extensions にありません。その拡張機能からの要求は拒否されます。",
            "使うIDなら、管理者が設定ファイルに加えてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ProgramMissing => (
            Error,
            "登録されたプログラムが、その場所にありません。",
            "touroku-host doctor --repair を実行するか、インストールし直してください。ウイルス対策ソフトが隔離していないかも確かめてください。",
            HELP_DESK,
            Some(NOT_FOUND),
        ),
        Code::ProgramNotExecutable => (
            Error,
            "登録されたプログラムに、実行する権限がありません。",
            "chmod 755 で実行できるようにするか、インストールし直してください。",
            ADMINISTRATOR,
            Some(EXITED),
        ),
        Code::ProgramOnNoexec => (
            Error,
            "登録されたプログラムが、プログラムを実行できないディスク（noexec）にあります。権限を変えても実行できません。",
            "プログラムを /usr など実行できる場所に入れ直すか、そのディスクの noexec を外してください。",
            ADMINISTRATOR,
            Some(EXITED),
        ),
        Code::ProgramUnreachable => (
            Error,
            "登録されたプログラムを、ほかの利用者が実行できません。",
            "プログラムを /usr など全員が使える場所に置き、フォルダーの権限を 755 にしてください。",
            ADMINISTRATOR,
            Some(EXITED),
        ),
        Code::ProgramElsewhere => (
            Note,
            "登録されているのは、いま実行したのとは別の場所のプログラムです。",
            "意図したものか確かめてください。違うときは、使うほうの touroku-host で install を実行してください。",
            HELP_DESK,
            None,
        ),
        Code::ProgramNotTried => (
            Warning,
            "管理者のものではないプログラムなので、管理者としては起動しませんでした。",
            "そのブラウザーを使う人の権限で、もう一度 doctor を実行してください。",
            NOBODY,
            None,
        ),
        Code::ConfigMissing => (
            Error,
            "設定ファイルがありません。すべての拡張機能とサイトが拒否されます。",
            "発注機関が配布するパッケージを入れるか、touroku-host install --system --extension-id ID --allow-origin URL を管理者として実行してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ConfigInvalid => (
            Error,
            "設定ファイルを読めないか、誤りがあります。1か所でも誤りがあると、すべて拒否されます。",
            "示された箇所を直し、ファイルを 644 の権限にしてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ConfigNoExtension => (
            Error,
            "設定ファイルに、許可した拡張機能がありません。",
            "touroku-host install --system --extension-id ID を管理者として実行してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ConfigNoOrigin => (
            Error,
            "設定ファイルに、許可したサイトがありません。",
            "touroku-host install --system --allow-origin URL を管理者として実行してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::DropInInvalid => (
            Error,
            "発注機関の設定ファイル（host.d）を読めないか、誤りがあります。その発注機関のサイトでは、カードを使えません。",
            "その発注機関のパッケージを入れ直してください。自分で書いたファイルなら、示された箇所を直し、644 の権限にしてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::DropInConflict => (
            Warning,
            "二つの発注機関の設定ファイル（host.d）が、同じものについて違うことを書いています。名前の順で先のものが使われます。",
            "どちらが正しいかを発注機関に確かめ、要らないほうのパッケージを取り除いてください。PINの入力場所（pin_entry）だけが違うときは、host.toml に書けばそちらが優先されます。",
            ADMINISTRATOR,
            None,
        ),
        Code::PolicyBlocklist => (
            Error,
            "組織のポリシー（NativeMessagingBlocklist）が、カード接続プログラムを止めています。",
            "NativeMessagingAllowlist に jp.touroku.host を加えてください（* は書けません）。",
            ADMINISTRATOR,
            Some(DISABLED),
        ),
        Code::PolicyUserLevel => (
            Error,
            "組織のポリシー（NativeMessagingUserLevelHosts）により、利用者ごとの登録は使われません。",
            "管理者として touroku-host install --system を実行してください。",
            ADMINISTRATOR,
            Some(NOT_FOUND),
        ),
        Code::PolicyExtensionBlocked => (
            Error,
            "組織のポリシーが、拡張機能またはその権限を止めています。",
            "ExtensionSettings または ExtensionInstallAllowlist で、このIDと nativeMessaging を許可してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::PolicyExtensionSettings => (
            Error,
            "ポリシーが拡張機能に与えている設定では、カードを使えません。",
            "示された設定を直してください。allowed_origins は使うサイトを書くか消し、pin_entry は host.toml と同じにします。",
            ADMINISTRATOR,
            None,
        ),
        Code::PolicyCommandLine => (
            Note,
            "組織のポリシー（ExtensionInstallTypeBlocklist）により、--load-extension では拡張機能を読み込めません。",
            "ストアまたは ExtensionInstallForcelist で配布してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::PolicyCommandPrompt => (
            Error,
            "組織のポリシーがコマンドプロンプトを禁じているので、ブラウザーがプログラムを起動できません。",
            "ポリシー NativeHostsExecutablesLaunchDirectly を有効にしてください。",
            ADMINISTRATOR,
            Some("Failed to start native messaging host."),
        ),
        Code::CommandPromptUnusable => (
            Error,
            "ブラウザーがプログラムの起動に使うコマンドプロンプトを、ブラウザーから使えません。",
            "RUNASADMIN なら cmd.exe の互換性の設定「管理者としてこのプログラムを実行する」を外し、COMSPEC なら環境変数を %SystemRoot%\\System32\\cmd.exe に直してください。ポリシー NativeHostsExecutablesLaunchDirectly を有効にしてもかまいません。",
            ADMINISTRATOR,
            Some("Failed to start native messaging host."),
        ),
        Code::PolicyRecommended => (
            Warning,
            "推奨（recommended）に書かれたこのポリシーは、効きません。",
            "managed フォルダーのファイルに移してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::PolicyInvalid => (
            Warning,
            "ポリシーのファイルに誤りがあり、全部または一部が効きません。",
            "示された箇所を直し、chrome://policy で確かめてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::HostNotStartable => (
            Error,
            "登録されたプログラムを起動できません。",
            "インストールし直してください。ウイルス対策ソフトの禁止も確かめてください。",
            ADMINISTRATOR,
            Some(STARTING),
        ),
        Code::HostExits => (
            Error,
            "登録されたプログラムが、最初の応答（hello）を送らずに終了しました。",
            "インストールし直してください。続くときは、示された出力を添えてお問い合わせください。",
            HELP_DESK,
            Some(EXITED),
        ),
        Code::HostSilent => (
            Error,
            "登録されたプログラムが応答しません。",
            "パソコンを再起動してください。続くときは、インストールし直してください。",
            HELP_DESK,
            None,
        ),
        Code::HostHello => (
            Error,
            "登録されたプログラムの最初の応答（hello）を読み取れません。別の、または壊れたプログラムの可能性があります。",
            "インストールし直してください。",
            HELP_DESK,
            None,
        ),
        Code::HostVersion => (
            Error,
            "登録されたプログラムと、いま実行したプログラムの版が合いません。",
            "両方を同じ新しい版にしてください。",
            HELP_DESK,
            None,
        ),
        Code::HostRefusesCaller => (
            Error,
            "登録されたプログラムが、この拡張機能からの要求を拒否しました。",
            "設定ファイルの allowed_extensions にIDを加えてください。",
            ADMINISTRATOR,
            None,
        ),
        Code::HostLingers => (
            Error,
            "登録されたプログラムが、入力が終わっても終了しません。ブラウザーを閉じても残り続けます。",
            "インストールし直してください。",
            HELP_DESK,
            None,
        ),
        Code::StdoutPolluted => (
            Error,
            "登録されたプログラムの標準出力に、余計な文字が出ています。",
            "起動用のスクリプトの echo などを標準エラー出力に変えるか、touroku-host doctor --repair を実行するか、インストールし直してください。",
            ADMINISTRATOR,
            Some(COMMUNICATING),
        ),
        Code::StdoutExtra => (
            Error,
            "登録されたプログラムが、通信の終わりに余計な出力をしました。",
            "起動用のスクリプトを確かめるか、インストールし直してください。",
            ADMINISTRATOR,
            Some(COMMUNICATING),
        ),
        Code::ServiceOff => (
            Error,
            "スマートカードのサービス（PC/SC）が動いていません。",
            "Windowsは「Smart Card」サービスを、Linuxは systemctl enable --now pcscd.socket で開始してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ServiceForbidden => (
            Error,
            "スマートカードのサービス（PC/SC）は動いていますが、この利用者には使う権限がありません。",
            "示されたソケットの権限と、polkitの規則（org.debian.pcsc-lite.access_pcsc、access_card）で、この利用者に許可してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ServiceSilent => (
            Error,
            "スマートカードのサービス（PC/SC）が応答しません。止まったまま動かなくなっています。",
            "パソコンを再起動するか、サービス（Windowsは「Smart Card」、Linuxは systemctl restart pcscd）を開始し直してください。続くときは、カードリーダーを抜いて試してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::NoReader => (
            Note,
            "カードリーダーが見つかりません。",
            "カードリーダーをつなぎ、メーカーのドライバーを入れてください。つないであるときは、いちど抜いて差し直してください。",
            HELP_DESK,
            None,
        ),
        Code::NoCard => (
            Note,
            "ICカードが入っていません。",
            "カードも調べるときは、差し込んでからもう一度実行してください。",
            NOBODY,
            None,
        ),
        Code::CardUnusable => (
            Warning,
            "入っているICカードを使えません。",
            "示された理由を確かめてください。カードの中身のことは、発行した認証局にお問い合わせください。",
            AUTHORITY,
            None,
        ),
        Code::ModuleMissing => (
            Error,
            "設定ファイルにあるPKCS#11モジュールが、その場所にありません。",
            "カード用のソフトを入れるか、設定ファイルの pkcs11_modules の場所を直してください。",
            ADMINISTRATOR,
            None,
        ),
        Code::ModuleFailed => (
            Warning,
            "PKCS#11モジュール（カード用ソフトの部品）が正しく動いていません。ほかのカードには差し支えありません。",
            "そのソフトを最新の版に入れ直してください。使わないモジュールなら、設定ファイルの pkcs11_modules から外すか、discover_pkcs11_modules = false にしてください。",
            HELP_DESK,
            None,
        ),
        Code::ServerUnresolved => (
            Error,
            "サーバーの名前からアドレスが引けません。",
            "URLの書き誤り、DNS、プロキシの設定を確かめてください。プロキシだけで外に出る環境では、直接は引けないことがあります。",
            ADMINISTRATOR,
            None,
        ),
        Code::ServerUnreachable => (
            Error,
            "サーバーに接続できません。",
            "ファイアウォールとプロキシを確かめてください。プロキシだけで外に出る環境では、直接はつながりません。",
            ADMINISTRATOR,
            None,
        ),
    }
}
