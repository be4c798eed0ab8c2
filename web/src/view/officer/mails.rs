//! 届かなかったメール: to companies and officers.

use touroku_html::html;
use touroku_proto::officer::{
    Role,
    mail::{Undelivered, UndeliveredMail},
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, head, heading, link, moment, more, opener, progress, scroll},
    trouble::messages,
};
use crate::{
    officer::{ask::Ask, dialog::Dialog, route::Route},
    texts::officer::{company, mails as texts, screen},
};

pub(super) fn view(scene: Scene) -> Html {
    let content = match &scene.state.undelivered {
        Some(page) => shown(scene, page),
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Mails)) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { content }
        </>
    }
}

fn shown(scene: Scene, page: &Undelivered) -> Html {
    if page.mails.is_empty() {
        return html! { <p data-undelivered="0">{ texts::NONE }</p> };
    }
    let may = scene.state.may(Role::Review);
    html! {
        <>
            <p data-undelivered={page.total.to_string()}>{ texts::total(&screen::count(page.total)) }</p>
            if may {
                <div class="actions">
                    if page.sendable > 0 {
                        { opener(scene, Dialog::SendMails(page.sendable), texts::SEND_ALL, Weight::Outline, "") }
                    }
                    { opener(scene, Dialog::GiveMailsUp(page.total), texts::GIVE_ALL_UP, Weight::Outline, "") }
                </div>
            }
            if scene.state.waits(|ask| matches!(ask, Ask::ActOnMails(_))) { { progress(screen::SENDING) } }
            { scroll(&screen::heading(&Route::Mails), html! {
                <table class="grid" id="mails" tabindex="-1">
                    <caption class="hidden">{ screen::heading(&Route::Mails) }</caption>
                    { head(&texts::COLUMNS) }
                    <tbody>{ for page.mails.iter().map(|mail| line(scene, mail, may)) }</tbody>
                </table>
            }) }
            { more(scene, page.next.is_some()) }
        </>
    }
}

fn line(scene: Scene, mail: &UndeliveredMail, may: bool) -> Html {
    let about = if mail.number.is_empty() {
        html! { { texts::NO_COMPANY } }
    } else if mail.name.is_empty() {
        html! { { texts::gone(&mail.number) } }
    } else {
        let route = Route::Company { number: mail.number.clone() };
        link(&route, "", html! { <>{ &mail.number }{ "　" }{ &mail.name }</> })
    };
    html! {
        <tr data-mail={mail.id.to_string()} key={mail.id.to_string()}>
            <td>{ moment(mail.at_unix_ms) }</td>
            <td>{ about }</td>
            <td>{ &mail.recipient }</td>
            <td>{ &mail.subject }</td>
            <td>
                { &mail.reason }
                if !mail.sendable { <p>{ texts::NOT_SENDABLE }</p> }
                if may {
                    <div class="actions">
                        if mail.sendable {
                            { opener(scene, Dialog::SendMail(mail.id), company::SEND_MAIL, Weight::Small, &mail.subject) }
                        }
                        { opener(scene, Dialog::GiveMailUp(mail.id), company::GIVE_MAIL_UP, Weight::Small, &mail.subject) }
                    </div>
                }
            </td>
        </tr>
    }
}
