//! Which screens a session has reached.

use touroku_proto::{agency::Way, card::Purpose};

use crate::bidder::{
    route::Route,
    state::{Session, State},
};

impl State {
    /// The furthest screen that may be shown.
    pub(super) fn furthest(&self) -> Route {
        match &self.session {
            Session::Unknown | Session::Closed => Route::Agencies,
            Session::Open(view) if view.way == Way::Password => Self::account_furthest(view),
            Session::Open(view) => match (view.purpose, &view.card) {
                _ if view.completed.is_some() => Route::Done,
                (Some(Purpose::Check), _) => Route::Menu,
                (Some(Purpose::Bid), Some(_)) => Route::Bid,
                (Some(_), Some(_)) if view.company.is_some() => Route::Form,
                (Some(_), Some(_)) => Route::Search,
                _ => Route::Menu,
            },
        }
    }

    /// Whether a screen may be shown. Screens before the furthest stay open, so that 戻る and the browser's
    /// back button work; a completed registration can't be walked back into.
    pub(super) fn may_show(&self, route: &Route) -> bool {
        if !route.needs_session() {
            return true;
        }
        let Some(view) = self.view() else { return false };
        if view.way == Way::Password {
            return self.account_may_show(view, route);
        }
        let registering =
            view.completed.is_none() && view.card.is_some() && view.purpose == Some(Purpose::Register);
        match route {
            Route::Menu => true,
            Route::Search => registering,
            Route::Form => registering && view.company.is_some(),
            Route::Confirm => {
                registering
                    && self
                        .session_form()
                        .is_some_and(|(form, occasion)| form.check(occasion, &self.form.values).is_empty())
            }
            Route::Done | Route::Print => view.completed.is_some(),
            Route::Bid => view.purpose == Some(Purpose::Bid) && view.card.is_some(),
            Route::Application | Route::Login | Route::ChangeLogin => false,
            _ => true,
        }
    }

    /// The screen of 戻る.
    pub(super) fn before(&self) -> Route {
        let place = || {
            let view = self.view()?;
            Some((view.agency.clone(), view.category.clone()))
        };
        match self.route.as_ref() {
            Some(Route::Entry { agency, .. }) => Route::Categories { agency: agency.clone() },
            Some(Route::Client { agency, category } | Route::BidClient { agency, category }) => {
                Route::Entry { agency: agency.clone(), category: category.clone() }
            }
            Some(
                Route::Companies { .. } | Route::Check | Route::CheckOf { .. } | Route::Forgotten { .. },
            ) if self.came_from.is_some() => self.came_from.clone().unwrap_or(Route::Agencies),
            Some(Route::Companies { agency } | Route::CheckOf { agency } | Route::Forgotten { agency }) => {
                Route::Categories { agency: agency.clone() }
            }
            Some(
                Route::AccountClient { agency, category } | Route::AccountBidClient { agency, category },
            ) => Route::Entry { agency: agency.clone(), category: category.clone() },
            Some(Route::Menu) if self.is_account() => match place() {
                Some((agency, category)) => Route::AccountClient { agency, category },
                None => Route::Agencies,
            },
            Some(Route::Login) => match place() {
                Some((agency, category)) => Route::AccountBidClient { agency, category },
                None => Route::Agencies,
            },
            Some(Route::ChangeLogin) => Route::Menu,
            Some(Route::Application) => Route::Search,
            Some(Route::Form) if self.view().is_some_and(|view| view.login_id.is_some()) => Route::Menu,
            Some(Route::Menu) => match place() {
                Some((agency, category)) => Route::Client { agency, category },
                None => Route::Agencies,
            },
            Some(Route::Search) => Route::Menu,
            Some(Route::Form) => Route::Search,
            Some(Route::Confirm) => Route::Form,
            Some(Route::Print) => Route::Done,
            Some(Route::Bid) => match place() {
                Some((agency, category)) => Route::Entry { agency, category },
                None => Route::Agencies,
            },
            _ => Route::Agencies,
        }
    }
}
