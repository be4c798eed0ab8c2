//! Mails to an agency's officers: that something waits for them, and where. Nobody is named; the reader signs in
//! to see more.

use touroku_proto::agency::{AgencyProfile, DeskKind};

use super::{Desk, seal::seal};
use crate::{
    error::Error,
    review::NEW_FOR,
    store::{NewMail, Priority, Reader},
};

/// What there is to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice<'a> {
    /// How many registered cards were found to be revoked.
    Revoked(usize),
    /// A different certificate was presented in place of a registered one.
    Forged,
    /// A company stopped one of its own cards or IDs.
    Stopped,
    /// The chain of 監査記録 is broken at that entry.
    BrokenAudit(i64),
    /// The one-time link of this officer's account.
    Link {
        login_id: &'a str,
        /// The rest of the URL after `officer.html`.
        fragment: &'a str,
        /// When it expires, Japan time.
        until: &'a str,
    },
    /// Somebody at the command line sealed the end of the chain of 監査記録, up to that entry, by the current key.
    Resealed(i64),
    /// The end of the chain of 監査記録, every week.
    Head { line: &'a str },
    /// A card was linked to this officer's account.
    CardLinked {
        login_id: &'a str,
        serial: &'a str,
        /// When, Japan time.
        at: &'a str,
    },
    /// A different certificate was presented in place of the one linked to this account.
    OfficersCardForged {
        login_id: &'a str,
        serial: &'a str,
        /// When, Japan time.
        at: &'a str,
    },
    /// What has happened since the previous morning.
    Daily {
        /// The period.
        days: &'a str,
        /// The number of events of each kind, one per line.
        counts: &'a str,
    },
    /// Something that the officer wants to know at once.
    News {
        /// What, one per line.
        lines: &'a str,
        /// The place in the officers' page.
        fragment: &'static str,
    },
    /// Somebody proposes to change who is trusted.
    Proposed {
        /// The proposer's ログインID.
        by: &'a str,
        /// The changed keys, one per line.
        keys: &'a str,
        /// What has to be done.
        then: &'a str,
    },
    /// Somebody sent this account a new link, to another address than before.
    AddressChanged {
        login_id: &'a str,
        /// Who, as a ログインID or in words.
        by: &'a str,
    },
    /// Somebody stopped this account, let it go on, or gave it another role.
    Changed {
        login_id: &'a str,
        /// Who, as a ログインID or in words.
        by: &'a str,
        /// What, in words.
        what: &'a str,
    },
    /// Somebody created this account or sent it a new link.
    Made {
        login_id: &'a str,
        /// Who, as a ログインID or in words.
        by: &'a str,
    },
}

impl Notice<'_> {
    fn subject(self) -> &'static str {
        match self {
            Self::Revoked(_) => "【{agency}】失効したICカードが見つかりました（{count}枚）",
            Self::Forged => "【{agency}】登録されているICカードと同じ番号の、別の電子証明書が示されました",
            Self::Stopped => "【{agency}】会社が自社のICカードまたはIDの利用を停止しました",
            Self::BrokenAudit(_) => "【{agency}】監査記録のつながりが切れています",
            Self::Link { .. } => "【{agency}】電子入札システムの担当者のアカウントの準備",
            Self::Resealed(_) => "【{agency}】監査記録に、今のサーバーの鍵で印を付け直しました",
            Self::Head { .. } => "【{agency}】監査記録の控え（保管してください）",
            Self::CardLinked { .. } => "【{agency}】担当者のアカウントに、ICカードが結び付けられました",
            Self::Daily { .. } => "【{agency}】利用者登録のまとめ（{days}）",
            Self::News { .. } => "【{agency}】電子入札システムのお知らせ",
            Self::OfficersCardForged { .. } => {
                "【{agency}】担当者のICカードと同じ番号の、別の電子証明書が示されました"
            }
            Self::Proposed { .. } => "【{agency}】機関設定の、安全にかかわる変更の確認をお願いします",
            Self::AddressChanged { .. } => "【{agency}】担当者のメールアドレスが変更されました",
            Self::Changed { .. } => "【{agency}】担当者のアカウントが変更されました",
            Self::Made { .. } => "【{agency}】担当者のアカウントが準備されています",
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::Revoked(_) => {
                "\
{agency}の電子入札システムに登録されているICカードのうち、{count}枚が、認証局によって失効になっていることが
新しくわかりました。これらのICカードでは、もうログインできません。会社には、別にメールでお知らせしています。

どの会社のICカードかは、ログインして、次の画面で確かめられます。
{link}

※ このメールは、夜間の確認のあとに自動で送っています。
"
            }
            Self::Forged => {
                "\
{agency}の電子入札システムに、登録されているICカードと発行者・証明書シリアル番号が同じで、中身の違う電子証明書が
示されました。受け付けていません。信頼する認証局のうち二つが同じ名前を使っているか、認証局に異常があるおそれが
あります。運用の担当者に、すぐに知らせてください。会社には、別にメールでお知らせしています。

どの会社のICカードかは、ログインして、会社の照会の「これまでの経過」で確かめられます。
{link}

※ このメールは、ICカードの確認のあとに自動で送っています。同じ会社については、一日に一度だけ送ります。
"
            }
            Self::Stopped => {
                "\
{agency}の電子入札システムで、会社が「登録状況」から、自社の別のICカードまたはIDの利用を停止しました。心当たりのない
登録が見つかったおそれがあります。会社に事情を確かめてください。停止は、会社の照会の画面で解除できます。

どの会社かは、ログインして、次の画面で確かめられます。
{link}

※ このメールは、会社の操作のあとに自動で送っています。
"
            }
            Self::BrokenAudit(_) => {
                "\
{agency}の電子入札システムの監査記録を確かめたところ、{count}番の記録で、つながりが切れているか、サーバーの鍵による
印がありませんでした。データベースが書き換えられたか、壊れたおそれがあります。運用の担当者に、すぐに知らせてください。

役割が「管理」の担当者は、ログインして、次の画面で確かめられます。
{link}

※ このメールは、監査記録の確認のあとに自動で送っています。
"
            }
            Self::Link { .. } => {
                "\
{agency}の電子入札システムで、あなたが使う担当者のアカウントが準備されています。
ログインIDは {login_id} です。

次のアドレスを開いて、パスワードと認証アプリを設定してください。
{link}

このアドレスは {until} まで、1回だけ使えます。ほかの人には、決して渡さないでください。
アカウントを作った人にも、見せたり転送したりする必要はありません。

お心当たりのないときは、開かずに、ほかの担当者に知らせてください。
"
            }
            Self::Resealed(_) => {
                "\
{agency}の電子入札システムの監査記録のうち、{count}番までの記録に、サーバーの運用の担当者が、今のサーバーの鍵で
印を付け直しました。

サーバーの鍵を入れ替えたとき、または、印を付けない古い版から新しい版にしたときには、このお知らせが届きます。
そのどちらにもお心当たりがないときは、データベースが書き換えられたおそれがあります。運用の担当者に、
すぐに知らせて、お手元の控えのメールと照らし合わせてください。
{link}
"
            }
            Self::Head { .. } => {
                "\
{agency}の電子入札システムの監査記録の、今の時点の控えです。毎週お送りします。消さずに保管してください。

{line}

監査記録を書き出したファイルが、この時点から書き換えられていないことは、サーバーの運用の担当者が
次のように確かめられます（上の1行を、head.txtというファイルに保存します）。

    touroku-server audit verify --agency （機関のcode） --file （書き出したファイル） --head head.txt
"
            }
            Self::CardLinked { .. } => {
                "\
{agency}の電子入札システムで、あなたのアカウント（{login_id}）に、{at} にICカードが結び付けられました。
今後は、このICカードでもログインできます。

電子証明書のシリアル番号 : {serial}

お心当たりのないときは、すぐにログインして「自分のアカウント」でICカードをはずし、パスワードを変えて、
役割が「管理」の担当者に知らせてください。
{link}
"
            }
            Self::Daily { .. } => {
                "\
{agency}の電子入札システムの利用者登録で、{days}に、次のことがありました。

{counts}

どの会社のことかは、ログインして、ホームの「本日と前日の動き」と、会社の照会で確かめられます。
心当たりのない登録があるときは、会社の照会の画面で、会社またはICカードの利用を停止できます。
{link}

※ このメールは、毎朝自動で送っています。何もなかった日には送りません。どのお知らせを受け取るかは、ログインして
「自分のアカウント」で選べます。
"
            }
            Self::News { .. } => {
                "\
{agency}の電子入札システムで、次のことがありました。

{lines}

ログインして、次の画面で確かめられます。
{link}

※ このメールは自動で送っています。どのお知らせを受け取るかは、ログインして「自分のアカウント」で選べます。
"
            }
            Self::OfficersCardForged { .. } => {
                "\
{agency}の電子入札システムで、{at} に、担当者 {login_id} のICカードと発行者・証明書シリアル番号が同じで、中身の
違う電子証明書が示されました。ログインは受け付けていません。信頼する認証局のうち二つが同じ名前を使っているか、
認証局に異常があるおそれがあります。運用の担当者に、すぐに知らせてください。

電子証明書のシリアル番号 : {serial}

役割が「管理」の担当者は、ログインして、次の画面で確かめられます。
{link}

※ このメールは、ICカードの確認のあとに自動で送っています。同じ担当者については、一日に一度だけ送ります。
"
            }
            Self::Proposed { .. } => {
                "\
{agency}の電子入札システムの機関設定で、だれを本人と認めるかにかかわる次の項目を、{by} が変えようと
しています。まだ使い始めていません。

{keys}

{then}

役割が「管理」の担当者は、ログインして、次の画面で内容を確かめられます。お心当たりのないときは、
この変更を取り下げて、運用の担当者に知らせてください。
{link}
"
            }
            Self::AddressChanged { .. } => {
                "\
{agency}の電子入札システムで、{by} が、担当者 {login_id} のメールアドレスを別のアドレスに変え、設定用のリンクを
新しいアドレスに送りました。これまでのパスワード、認証アプリ、ICカードは使えません。

このメールは、これまでのアドレスと、ほかの担当者に送っています。
お心当たりのないときは、役割が「管理」の担当者と、運用の担当者に、すぐに知らせてください。
{link}
"
            }
            Self::Changed { .. } => {
                "\
{agency}の電子入札システムで、{by} が、担当者 {login_id} のアカウントの設定を変更しました。

{what}

このメールは、本人と、ほかの担当者に送っています。
お心当たりのないときは、役割が「管理」の担当者と、運用の担当者に、すぐに知らせてください。
{link}
"
            }
            Self::Made { .. } => {
                "\
{agency}の電子入札システムで、{by} が、担当者 {login_id} のアカウントを作ったか、設定用のリンクを
新しくしました。リンクは、本人のメールアドレスに送っています。

2人の承認が要る審査では、このアカウントの承認は10日のあいだ数えません。
お心当たりのないときは、すぐにそのアカウントを停止し、運用の担当者に知らせてください。
{link}
"
            }
        }
    }

    /// The place in the officers' page.
    fn fragment(&self) -> &str {
        match self {
            Self::Revoked(_) => "#/companies?filter=revoked",
            Self::Forged => "#/companies",
            Self::Stopped => "#/companies?filter=suspended",
            Self::BrokenAudit(_) | Self::OfficersCardForged { .. } => "#/audit",
            Self::Link { fragment, .. } => fragment,
            Self::Resealed(_) | Self::Head { .. } => "#/audit",
            Self::CardLinked { .. } => "#/account",
            Self::Daily { .. } => "#/",
            Self::News { fragment, .. } => fragment,
            Self::Proposed { .. } => "#/settings",
            Self::AddressChanged { .. } | Self::Changed { .. } | Self::Made { .. } => "#/officers",
        }
    }

    /// The text's placeholders, by name.
    fn others(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Revoked(cards) => vec![("count", cards.to_string())],
            Self::Forged | Self::Stopped => Vec::new(),
            Self::BrokenAudit(entry) => vec![("count", entry.to_string())],
            Self::Link { login_id, until, .. } => {
                vec![("login_id", (*login_id).to_owned()), ("until", (*until).to_owned())]
            }
            Self::Resealed(entry) => vec![("count", entry.to_string())],
            Self::Head { line } => vec![("line", (*line).to_owned())],
            Self::CardLinked { login_id, serial, at } | Self::OfficersCardForged { login_id, serial, at } => {
                vec![
                    ("login_id", (*login_id).to_owned()),
                    ("serial", (*serial).to_owned()),
                    ("at", (*at).to_owned()),
                ]
            }
            Self::Daily { days, counts } => {
                vec![("days", (*days).to_owned()), ("counts", (*counts).to_owned())]
            }
            Self::News { lines, .. } => vec![("lines", (*lines).to_owned())],
            Self::Proposed { by, keys, then } => {
                vec![("by", (*by).to_owned()), ("keys", (*keys).to_owned()), ("then", (*then).to_owned())]
            }
            Self::Changed { login_id, by, what } => vec![
                ("login_id", (*login_id).to_owned()),
                ("by", (*by).to_owned()),
                ("what", (*what).to_owned()),
            ],
            Self::AddressChanged { login_id, by } | Self::Made { login_id, by } => {
                vec![("login_id", (*login_id).to_owned()), ("by", (*by).to_owned())]
            }
        }
    }
}

/// Whether the profile gives addresses for the agency's officers.
pub fn has_address(profile: &AgencyProfile) -> bool {
    !addresses(profile).is_empty()
}

impl Notice<'_> {
    /// Queues a mail for each of the agency's addresses. `desk`: [`App::officer_desk`](crate::app::App::officer_desk).
    pub fn tell(self, desk: &Desk<'_>) -> Result<(), Error> {
        self.send(desk, &addresses(desk.profile))
    }

    /// Queues a mail for each of these addresses.
    pub fn send(self, desk: &Desk<'_>, to: &[impl AsRef<str>]) -> Result<(), Error> {
        let &Desk { writer, post, profile, now } = desk;
        let link = format!("{}/officer.html{}", post.origin.as_str(), self.fragment());
        let own = self.others();
        let mut others = vec![("agency", profile.name.as_str()), ("link", &link)];
        others.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
        let fill = |template: &str| {
            others.iter().fold(template.to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), &value.replace(['{', '}'], ""))
            })
        };
        let (subject, body) = (fill(self.subject()), fill(self.body()));
        let domain = profile.mail.from.rsplit('@').next().unwrap_or_default();
        for address in to {
            let mail = NewMail {
                message_id: format!("{}@{domain}", hex::encode(post.outside.random::<16>())),
                sender: profile.mail.from.clone(),
                recipient: address.as_ref().to_owned(),
                subject: subject.clone(),
                body: body.clone(),
                ..NewMail::default()
            };
            let mail = match self {
                // It opens the account, and somebody waits for it.
                Self::Link { .. } => {
                    NewMail { priority: Priority::Awaited, ..seal(mail, post.key, post.outside)? }
                }
                _ => mail,
            };
            writer.queue_mail(&profile.code, &mail, now)?;
        }
        Ok(())
    }
}

/// The addresses of all the agency's officers, of those who were its administrators until a few days ago, and of the
/// agency itself. Nobody gets rid of a reader by stopping them first.
pub(crate) fn everybody(
    reader: &Reader<'_>,
    profile: &AgencyProfile,
    now: i64,
) -> Result<Vec<String>, Error> {
    let mut all = reader.officer_addresses(&profile.code, now - NEW_FOR)?;
    for address in addresses(profile) {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            all.push(address.to_owned());
        }
    }
    Ok(all)
}

fn addresses(profile: &AgencyProfile) -> Vec<&str> {
    let own: Vec<&str> = profile.mail.officers.iter().map(String::as_str).collect();
    if !own.is_empty() {
        return own;
    }
    let desk = profile.desk(DeskKind::Agency).map(|desk| desk.email.as_str());
    desk.into_iter().filter(|address| !address.is_empty()).collect()
}
