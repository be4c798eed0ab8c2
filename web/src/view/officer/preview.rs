//! The contractor's screens as a profile makes them, drawn by the contractor's own components, inert.

use std::rc::Rc;

use touroku_html::html;
use touroku_proto::{
    agency::{AgencyProfile, Category, Way},
    api::{CardView, CompanyView, SessionView},
    card::Purpose,
    field::{FieldId, Values},
    form::{Form, Mode, Occasion},
};
use yew::prelude::*;

use super::{
    super::{account, confirm, form, menu, parts::Scene as BidderScene, search},
    field::select,
    parts::{Scene, heading, link, progress},
    trouble::messages,
};
use crate::{
    bidder::{
        route::Route as BidderRoute,
        state::{Session, State},
    },
    officer::{
        action::Action,
        route::Route,
        state::{Console, PreviewScreen},
    },
    texts::officer::{screen, settings as texts},
};

/// The profile that was checked, otherwise the one in force.
pub(super) fn view(scene: Scene) -> Html {
    html! {
        <>
            { heading(&screen::heading(&Route::Preview)) }
            { messages(scene) }
            { drawn(scene) }
            <p class="below">{ link(&Route::Settings, "", texts::TO_SETTINGS.into()) }</p>
        </>
    }
}

fn drawn(scene: Scene) -> Html {
    let settings = &scene.state.settings;
    let Some((profile, new)) = profile(scene.state) else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    let chosen = profile.category(&settings.category).or_else(|| profile.categories.first());
    let Some(category) = chosen else { return html! { <p>{ texts::NO_CATEGORY }</p> } };
    let categories: Vec<_> = profile
        .categories
        .iter()
        .map(|item| (item.code.clone(), item.name.to_string(), item.code == category.code))
        .collect();
    let screens: Vec<_> = PreviewScreen::ALL
        .into_iter()
        .map(|item| (item.as_str().to_owned(), texts::screen(item).to_string(), item == settings.screen))
        .collect();
    let on_screen = scene.dispatch.reform(|name: String| {
        let screen = PreviewScreen::ALL.into_iter().find(|screen| screen.as_str() == name);
        Action::PickPreview(screen.unwrap_or_default())
    });
    let sample = sample(profile, category, settings.screen);
    html! {
        <>
            <div class="banner info" data-preview-of={if new { "checked" } else { "in_force" }}>
                <p>{ if new { texts::PREVIEW_NEW } else { texts::PREVIEW_IN_FORCE } }</p>
            </div>
            <p>{ texts::PREVIEW_LEAD }</p>
            <div class="fields">
                { select("preview_category", &texts::CATEGORY, false, &categories,
                    scene.dispatch.reform(Action::PickCategory)) }
                { select("preview_screen", &texts::SCREENS, false, &screens, on_screen) }
            </div>
            <div class="preview" role="group" aria-label={texts::FRAME} data-preview={settings.screen.as_str()}>
                <div inert={true} key={format!("{}-{}", category.code, settings.screen.as_str())}>
                    { bidder(&sample) }
                </div>
            </div>
        </>
    }
}

/// The profile to show, and whether it is a new one.
fn profile(state: &Console) -> Option<(&AgencyProfile, bool)> {
    let settings = &state.settings;
    let in_force = settings.in_force.as_ref()?;
    let new = settings.check.as_ref().and_then(|check| check.profile.as_ref());
    match new.filter(|_| settings.checked != in_force.text) {
        Some(profile) => Some((profile, true)),
        None => Some((&in_force.profile, false)),
    }
}

/// A contractor's screen. Its events go nowhere.
fn bidder(state: &State) -> Html {
    let dispatch = Callback::noop();
    let scene = BidderScene { state, dispatch: &dispatch };
    let Some(route) = &state.route else { return Html::default() };
    account::view(scene, route).unwrap_or_else(|| match route {
        BidderRoute::Menu => menu::view(scene),
        BidderRoute::Search => search::view(scene),
        BidderRoute::Confirm => confirm::view(scene),
        _ => form::view(scene),
    })
}

/// A contractor in the middle of 登録: a company of the roster and a card, with every value being its own label.
fn sample(profile: &AgencyProfile, category: &Category, screen: PreviewScreen) -> State {
    let way = if category.access.allows(Way::Card) { Way::Card } else { Way::Password };
    let occasion = if way == Way::Card { Occasion::Register } else { Occasion::Apply };
    let rows = profile.form_for(category, way).into_iter().flat_map(Form::rows);
    let empty = |mode| mode == Mode::Edit && screen == PreviewScreen::Form;
    let value = |field: FieldId, label: &str| match field {
        FieldId::Qualifications => category.qualifications.join("\n"),
        _ => format!("（{label}）"),
    };
    let values: Values = rows
        .filter(|row| !empty(row.mode(occasion)))
        .map(|row| (row.field, value(row.field, &row.label)))
        .collect();
    let mut view = SessionView::begun(&profile.code, &category.code, way, 0);
    view.purpose = (way == Way::Card).then_some(Purpose::Register);
    view.card = (way == Way::Card).then(|| CardView {
        values: values.clone(),
        days_left: 365,
        registered: false,
        company_match: None,
    });
    view.company = Some(CompanyView { values: values.clone(), occasion, revision: 0 });
    let mut state = State::default();
    state.route = Some(match screen {
        PreviewScreen::Menu => BidderRoute::Menu,
        PreviewScreen::Search => BidderRoute::Search,
        PreviewScreen::Form => BidderRoute::Form,
        PreviewScreen::Confirm => BidderRoute::Confirm,
    });
    state.session = Session::Open(Box::new(view));
    state.profiles.insert(profile.code.clone(), Rc::new(profile.clone()));
    state.form.values = values;
    state
}
