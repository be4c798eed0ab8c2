//! Which screens a session has reached.

use touroku_proto::{agency::Way, api::Function, card::Purpose};

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
                _ if view.application.is_some() => Route::Application,
                (Some(Purpose::Check), _) => Route::Menu,
                (Some(Purpose::Bid), Some(_)) => Route::Bid,
                (Some(Purpose::RenewOld | Purpose::RenewNew), Some(_)) if view.new_card.is_some() => {
                    Route::RenewConfirm
                }
                (Some(Purpose::RenewOld | Purpose::RenewNew), Some(_)) => Route::RenewNew,
                (Some(Purpose::Register | Purpose::Change), Some(_)) if view.company.is_some() => Route::Form,
                (Some(Purpose::Register), Some(_)) => Route::Search,
                _ => Route::Menu,
            },
        }
    }

    /// Whether a screen may be shown. Screens before the furthest stay open, so that 戻る and the browser's back
    /// button work; a completed registration can't be re-entered.
    pub(super) fn may_show(&self, route: &Route) -> bool {
        if !route.needs_session() {
            return true;
        }
        let Some(view) = self.view() else { return false };
        if view.way == Way::Password {
            return self.account_may_show(view, route);
        }
        let shown_for = view.purpose.filter(|_| view.completed.is_none() && view.card.is_some());
        let waits = view.application.is_some();
        let fills_form = matches!(shown_for, Some(Purpose::Register | Purpose::Change))
            && view.company.is_some()
            && !waits;
        let renews = matches!(shown_for, Some(Purpose::RenewOld | Purpose::RenewNew));
        match route {
            Route::Menu | Route::RenewOld => true,
            Route::RenewNew => renews,
            Route::RenewConfirm => renews && view.new_card.is_some(),
            Route::Search => shown_for == Some(Purpose::Register) && !waits,
            Route::Application => shown_for == Some(Purpose::Register) && waits,
            Route::Form => fills_form,
            Route::Confirm => {
                fills_form
                    && self
                        .session_form()
                        .is_some_and(|(form, occasion)| form.check(occasion, &self.form.values).is_empty())
            }
            Route::Done | Route::Print => view.completed.is_some(),
            Route::Bid | Route::Status => view.purpose == Some(Purpose::Bid) && view.card.is_some(),
            Route::Login | Route::ChangeLogin => false,
            _ => true,
        }
    }

    /// The screen of 戻る.
    pub(super) fn before(&self) -> Route {
        let place = || {
            let view = self.view()?;
            Some((view.agency.clone(), view.category.clone()))
        };
        if let (Some(route), Some(from)) = (&self.route, &self.came_from)
            && route.is_aside()
        {
            return from.clone();
        }
        match self.route.as_ref() {
            Some(Route::Categories { .. }) => {
                match self.profile().and_then(|profile| profile.portal.as_ref()) {
                    Some(portal) => Route::Categories { agency: portal.code.clone() },
                    None => Route::Agencies,
                }
            }
            Some(Route::Entry { agency, .. }) => Route::Categories { agency: agency.clone() },
            Some(Route::Client { agency, category } | Route::BidClient { agency, category }) => {
                Route::Entry { agency: agency.clone(), category: category.clone() }
            }
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
            Some(Route::Form) if self.function() == Function::Register => Route::Search,
            Some(Route::Form) => Route::Menu,
            Some(Route::Confirm) => Route::Form,
            Some(Route::RenewOld) if self.view().is_some_and(|view| view.purpose == Some(Purpose::Bid)) => {
                Route::Bid
            }
            Some(Route::RenewOld) => Route::Menu,
            Some(Route::RenewNew) => Route::RenewOld,
            Some(Route::RenewConfirm) => Route::RenewNew,
            Some(Route::Print) => Route::Done,
            Some(Route::Status) => Route::Bid,
            Some(Route::Bid) => match place() {
                Some((agency, category)) => Route::Entry { agency, category },
                None => Route::Agencies,
            },
            _ => Route::Agencies,
        }
    }
}
