//! 機関設定: 利用時間, and 休業日 in a calendar.

use touroku_html::html;
use touroku_proto::{
    hours::{BusinessHours, TimeOfDay, Weekday},
    officer::settings::KeyValue,
};
use yew::prelude::*;

use super::{
    field::{line, tick},
    form_field::{Field, on_typed},
    part::{source, title_of},
    parts::{Scene, Weight, button},
};
use crate::{
    bidder::clock,
    officer::{
        action::{Action, Tick},
        input::Input,
        part::{Closed, Edit, closed, later, time_of_day, weeks},
    },
    texts::officer::part as texts,
};

pub(super) fn hours(scene: Scene) -> Html {
    let state = scene.state;
    let text = |key: &str| match state.key_value(key) {
        Some(KeyValue::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (open, close) = (text("hours.open"), text("hours.close"));
    let is_never_closed = state.is_never_closed();
    let close_hint = if state.are_hours_shared() { texts::HOURS_NEEDED_HINT } else { texts::NO_HOURS_HINT };
    let on_holidays = state.key_value("hours.closed_on_holidays") == Some(&KeyValue::Switch(true));
    let time = |text: &str| time_of_day(text).parse::<TimeOfDay>().ok();
    let times = time(&open).zip(time(&close));
    let Some(hours) = drawn(scene, times, on_holidays) else { return Html::default() };
    let edit = |key| on_typed(scene, key, 0, "");
    html! {
        <>
            <section aria-labelledby="hours.open-title" data-key="hours">
                { title_of(scene, "hours.open", texts::LIST_HOURS) }
                { Field::new(scene, "hours.open".to_owned(), texts::OPEN)
                    .optional(texts::TIME_HINT).line(&open, "time", edit("hours.open")) }
                { Field::new(scene, "hours.close".to_owned(), texts::CLOSE)
                    .optional(close_hint).line(&close, "time", edit("hours.close")) }
                { source(scene, &["hours.close"], &texts::CLOSE) }
                { week(scene) }
                { tick("on_holidays", texts::ON_HOLIDAYS, None, on_holidays, scene.dispatch.reform(|on| {
                    Action::Edit("hours.closed_on_holidays".to_owned(), Edit::Switch(on))
                })) }
                { source(scene, &["hours.closed_on_holidays"], &texts::ON_HOLIDAYS) }
            </section>
            <section aria-labelledby="rule-title">
                <h2 id="rule-title" class="spaced">{ texts::RULE }</h2>
                <p class="quoted" data-rule="" role="status">{ match times {
                    Some(_) => hours.words(),
                    None if is_never_closed => texts::RULE_ALWAYS.to_string(),
                    None if state.are_hours_empty() => texts::RULE_NEEDED.to_string(),
                    None => texts::RULE_NONE.to_string(),
                } }</p>
                { own_rule(scene) }
            </section>
            if !is_never_closed { { closed_days(scene, &hours) } }
        </>
    }
}

/// The days as they are picked, and the times as far as they can be read.
fn drawn(
    scene: Scene,
    times: Option<(TimeOfDay, TimeOfDay)>,
    closed_on_holidays: bool,
) -> Option<BusinessHours> {
    let Some(KeyValue::Week(weekdays)) = scene.state.key_value("hours.weekdays") else { return None };
    let Some(KeyValue::Days(closed)) = scene.state.key_value("hours.closed") else { return None };
    let (open, close) = times.unwrap_or_default();
    Some(BusinessHours {
        open,
        close,
        weekdays: weekdays.clone(),
        closed_on_holidays,
        closed: closed.clone(),
    })
}

fn own_rule(scene: Scene) -> Html {
    let Some(KeyValue::Words(rule)) = scene.state.key_value("hours_rule") else { return Html::default() };
    let edit = on_typed(scene, "hours_rule", 0, "");
    html! {
        <>
            { Field::new(scene, "hours_rule".to_owned(), texts::OWN_RULE)
                .optional(texts::OWN_RULE_HINT).line(rule, "text", edit) }
            { source(scene, &["hours_rule"], &texts::OWN_RULE) }
        </>
    }
}

fn week(scene: Scene) -> Html {
    let Some(KeyValue::Week(open)) = scene.state.key_value("hours.weekdays") else { return Html::default() };
    let wrong =
        scene.state.settings.check.as_ref().and_then(|check| {
            check.mistakes.iter().find(|mistake| mistake.key.starts_with("hours.weekdays"))
        });
    let day = |(&day, name): (&Weekday, &crate::texts::Text)| {
        let id = format!("weekday-{name}");
        let onchange = scene.dispatch.reform(move |event: Event| {
            let input = event.target_dyn_into::<web_sys::HtmlInputElement>();
            let on = input.is_some_and(|input| input.checked());
            Action::Edit("hours.weekdays".to_owned(), Edit::Weekday(day, on))
        });
        html! {
            <span class="weekday">
                <input type="checkbox" id={id.clone()} checked={open.contains(&day)} {onchange} />
                <label for={id}>{ *name }</label>
            </span>
        }
    };
    html! {
        <fieldset id="hours.weekdays" tabindex="-1" aria-describedby={wrong.map(|_| "hours.weekdays-error")}>
            <legend>{ texts::WEEK }</legend>
            { for Weekday::ALL.iter().zip(&texts::WEEK_DAYS).map(day) }
            if let Some(wrong) = wrong {
                <p class="field-error" id="hours.weekdays-error">{ "＊" }{ &wrong.message }</p>
            }
            { source(scene, &["hours.weekdays"], &texts::WEEK) }
        </fieldset>
    }
}

fn closed_days(scene: Scene, hours: &BusinessHours) -> Html {
    let Some(KeyValue::Days(days)) = scene.state.key_value("hours.closed") else { return Html::default() };
    let entry = |(index, days): (usize, &touroku_proto::hours::ClosedDays)| {
        let said = days.said();
        let about = texts::doing(&said, &texts::REMOVE);
        html! {
            <li id={format!("hours.closed.{index}")} tabindex="-1" data-closed={String::from(days.clone())}>
                { said }{ " " }
                <button type="button" class={Weight::Small.class()} data-do="entry-remove" aria-label={about}
                    onclick={scene.on(move || Action::Edit("hours.closed".to_owned(), Edit::Remove(index)))}>
                    { texts::REMOVE }
                </button>
            </li>
        }
    };
    html! {
        <section aria-labelledby="hours.closed-title" data-key="hours.closed">
            { title_of(scene, "hours.closed", texts::CLOSED_DAYS) }
            <p>{ texts::CALENDAR_LEAD }</p>
            { calendar(scene, hours) }
            <h3 id="closed-list" tabindex="-1">{ texts::CLOSED_LIST }</h3>
            if days.is_empty() { <p>{ texts::CLOSED_NONE }</p> }
            <ul class="closed">{ for days.iter().enumerate().map(entry) }</ul>
            <fieldset>
                <legend>{ texts::CLOSE_RANGE }</legend>
                { line(scene, Input::ClosedFrom, false) }
                { line(scene, Input::ClosedUntil, false) }
                { tick("yearly", texts::YEARLY, None, scene.state.settings.yearly,
                    scene.dispatch.reform(|on| Action::Tick(Tick::Yearly, on))) }
                <div class="actions">
                    { button(scene, "close-days", texts::CLOSE_BUTTON, Weight::Small, || Action::CloseDays) }
                </div>
            </fieldset>
        </section>
    }
}

/// This month, unless another one was picked.
fn month(scene: Scene) -> (u16, u8) {
    let today = clock::day(scene.state.now_unix_ms());
    let mut parts = today.split('-');
    let mut next = || parts.next().and_then(|part| part.parse::<u16>().ok()).unwrap_or(1);
    let this = (next(), u8::try_from(next()).unwrap_or(1));
    scene.state.settings.month.unwrap_or(this)
}

fn calendar(scene: Scene, hours: &BusinessHours) -> Html {
    let (year, month) = month(scene);
    let holidays = scene.state.settings.in_force.as_ref().map_or(&[][..], |in_force| &in_force.holidays);
    let turn = |name: &'static str, label, months| {
        let (year, month) = later((year, month), months);
        button(scene, name, label, Weight::Small, move || Action::PickMonth(year, month))
    };
    // Sunday first.
    let columns = [6, 0, 1, 2, 3, 4, 5];
    let day = |(column, &date): (usize, &u8)| {
        if date == 0 {
            return html! { <td></td> };
        }
        let why = closed(hours, holidays, (year, month, date));
        let name = texts::day_and_state(month, date, columns[column], why);
        // What a rule closes is not opened by one day.
        let by_rule = matches!(why, Closed::Weekly | Closed::Holiday | Closed::Yearly);
        let onclick = if by_rule {
            Callback::noop()
        } else {
            scene.on(move || Action::Edit("hours.closed".to_owned(), Edit::Day(year, month, date)))
        };
        html! {
            <td>
                <button type="button" class={if why == Closed::Not { "day" } else { "day closed" }}
                    aria-label={name} aria-disabled={by_rule.then_some("true")}
                    data-day={format!("{year:04}-{month:02}-{date:02}")} data-closed={(why != Closed::Not).then_some("")}
                    {onclick}>
                    { date.to_string() }
                </button>
            </td>
        }
    };
    let row = |week: &[u8; 7]| html! { <tr>{ for week.iter().enumerate().map(day) }</tr> };
    html! {
        <div class="calendar" data-month={format!("{year:04}-{month:02}")}>
            <div class="actions">
                { turn("previous-month", texts::PREVIOUS_MONTH, -1) }
                <p id="month" class="month" role="status">{ texts::month(year, month) }</p>
                { turn("next-month", texts::NEXT_MONTH, 1) }
            </div>
            <table aria-labelledby="month">
                <thead><tr>
                    { for columns.iter().map(|&day| html! { <th scope="col">{ texts::WEEK_DAYS[day] }</th> }) }
                </tr></thead>
                <tbody>{ for weeks(year, month).iter().map(row) }</tbody>
            </table>
        </div>
    }
}
