//! The calls: `CredUIPromptForWindowsCredentialsW` and related ones.
//!
//! Source: Microsoft's reference of `wincred.h`. The generic prompt returns the input unchanged, packed in a
//! buffer that the caller has to overwrite and free.

#![expect(unsafe_code, reason = "Windows' functions, called through their declarations")]

use std::{
    num::NonZeroUsize,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use windows_sys::Win32::{
    Foundation::{ERROR_INSUFFICIENT_BUFFER, GetLastError, HWND},
    Security::Credentials::{
        CREDUI_INFOW, CREDUI_MAX_DOMAIN_TARGET_LENGTH, CREDUI_MAX_USERNAME_LENGTH, CREDUIWIN_GENERIC,
        CREDUIWIN_IN_CRED_ONLY, CredPackAuthenticationBufferW, CredUIPromptForWindowsCredentialsW,
        CredUnPackAuthenticationBufferW,
    },
    System::{Com::CoTaskMemFree, Threading::GetCurrentProcessId},
    UI::WindowsAndMessaging::{
        CreateWindowExW, DestroyWindow, FindWindowExW, GW_OWNER, GetSystemMetrics, GetWindow,
        GetWindowThreadProcessId, IsWindow, PostMessageW, SM_CXSCREEN, SM_CYSCREEN, WM_CLOSE,
        WS_EX_TOOLWINDOW, WS_EX_TOPMOST, WS_POPUP,
    },
};
use zeroize::{Zeroize as _, Zeroizing};

use super::{Prompt, outcome, wide};
use crate::error::Error;

/// Shown in place of the prompt's user name. The message says whose card it is.
const USER: &str = "ICカード";

/// `CREDUI_MAX_PASSWORD_LENGTH` of `wincred.h` is 256; one more for the zero.
const LONGEST_PASSWORD: usize = 257;
const LONGEST_USER: usize = CREDUI_MAX_USERNAME_LENGTH as usize + 1;
const LONGEST_DOMAIN: usize = CREDUI_MAX_DOMAIN_TARGET_LENGTH as usize + 1;

/// More windows than a desktop has: their order may change while we enumerate them.
const MOST_WINDOWS: usize = 10_000;

/// The credential prompt, in front of the browser's window where that is known.
pub(in crate::pin_entry) struct Credentials {
    parent: Option<NonZeroUsize>,
    /// The window in front of which it is currently shown; 0 for none.
    owner: AtomicUsize,
}

impl Credentials {
    /// In front of the window that a browser passed with `--parent-window`.
    pub(in crate::pin_entry) fn before(parent: Option<NonZeroUsize>) -> Self {
        Self { parent, owner: AtomicUsize::new(0) }
    }
}

impl Prompt for Credentials {
    fn show(&self, caption: &[u16], message: &[u16]) -> Result<Zeroizing<Vec<u16>>, Error> {
        let user = packed(USER)?;
        let owner = Owner::of(self.parent, caption);
        self.owner.store(owner.window.addr(), Ordering::Release);
        let info = CREDUI_INFOW {
            cbSize: u32::try_from(size_of::<CREDUI_INFOW>()).expect("a structure of five fields"),
            hwndParent: owner.window,
            pszMessageText: message.as_ptr(),
            pszCaptionText: caption.as_ptr(),
            hbmBanner: ptr::null_mut(),
        };
        let (mut package, mut save) = (0, 0);
        let mut answer = Answer { buffer: ptr::null_mut(), length: 0 };
        // SAFETY: both texts are zero-terminated and outlive the call, `user` has the given length, and the call
        // sets the answer's buffer only when it succeeds.
        let code = unsafe {
            CredUIPromptForWindowsCredentialsW(
                &raw const info,
                0,
                &raw mut package,
                user.as_ptr().cast(),
                u32::try_from(user.len()).expect("the name is short"),
                &raw mut answer.buffer,
                &raw mut answer.length,
                &raw mut save,
                CREDUIWIN_GENERIC | CREDUIWIN_IN_CRED_ONLY,
            )
        };
        self.owner.store(0, Ordering::Release);
        outcome(code)?;
        answer.password()
    }

    fn close(&self) {
        let owner: HWND = ptr::with_exposed_provenance_mut(self.owner.load(Ordering::Acquire));
        if owner.is_null() {
            return;
        }
        let mut window = ptr::null_mut();
        for _ in 0..MOST_WINDOWS {
            // SAFETY: plain numbers; a closed window ends the search.
            window = unsafe { FindWindowExW(ptr::null_mut(), window, ptr::null(), ptr::null()) };
            if window.is_null() {
                return;
            }
            // SAFETY: as above.
            let is_owned = unsafe { GetWindow(window, GW_OWNER) } == owner;
            // The system may show the prompt from a separate process. The browser's other windows stay.
            if is_owned && (process(window) == own_process() || process(window) != process(owner)) {
                // SAFETY: as above.
                unsafe { PostMessageW(window, WM_CLOSE, 0, 0) };
            }
        }
    }
}

/// The window in front of which the prompt is shown. Used by the thread that created it, as Windows requires.
struct Owner {
    window: HWND,
    is_ours: bool,
}

impl Owner {
    /// The browser's; else an invisible one of ours, in the middle of the screen and above all others, because a
    /// prompt of a process without windows may open behind the browser.
    fn of(parent: Option<NonZeroUsize>, caption: &[u16]) -> Self {
        let window: HWND = ptr::with_exposed_provenance_mut(parent.map_or(0, NonZeroUsize::get));
        // SAFETY: a plain number, which may not be a window.
        if !window.is_null() && unsafe { IsWindow(window) } != 0 {
            return Self { window, is_ours: false };
        }
        let class = wide("Static", 16);
        // SAFETY: both texts are zero-terminated; everything else may be null.
        let window = unsafe {
            CreateWindowExW(
                WS_EX_TOPMOST | WS_EX_TOOLWINDOW,
                class.as_ptr(),
                caption.as_ptr(),
                WS_POPUP,
                GetSystemMetrics(SM_CXSCREEN) / 2,
                GetSystemMetrics(SM_CYSCREEN) / 2,
                0,
                0,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
            )
        };
        Self { window, is_ours: true }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.is_ours && !self.window.is_null() {
            // SAFETY: created by this thread.
            unsafe { DestroyWindow(self.window) };
        }
    }
}

/// The prompt's output. Overwritten and freed in any case.
struct Answer {
    buffer: *mut core::ffi::c_void,
    length: u32,
}

impl Answer {
    fn password(&self) -> Result<Zeroizing<Vec<u16>>, Error> {
        let mut user = [0; LONGEST_USER];
        let mut domain = [0; LONGEST_DOMAIN];
        let mut password = Zeroizing::new(vec![0; LONGEST_PASSWORD]);
        let room = |units: &[u16]| u32::try_from(units.len()).expect("a few hundred units");
        let (mut in_user, mut in_domain, mut in_password) = (room(&user), room(&domain), room(&password));
        // SAFETY: each buffer has the given length.
        let unpacked = unsafe {
            CredUnPackAuthenticationBufferW(
                0,
                self.buffer,
                self.length,
                user.as_mut_ptr(),
                &raw mut in_user,
                domain.as_mut_ptr(),
                &raw mut in_domain,
                password.as_mut_ptr(),
                &raw mut in_password,
            )
        };
        if unpacked != 0 {
            let length = password.iter().position(|unit| *unit == 0).unwrap_or(password.len());
            password.truncate(length);
            return Ok(password);
        }
        match last_error() {
            // Longer than any PIN: asked for again, like all of a wrong format.
            ERROR_INSUFFICIENT_BUFFER => Ok(Zeroizing::default()),
            code => Err(Error::PinEntry(format!("CredUnPackAuthenticationBufferW {code}"))),
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        if self.buffer.is_null() {
            return;
        }
        let length = usize::try_from(self.length).unwrap_or(0);
        // SAFETY: the prompt allocated the buffer of that length, to be freed with this function.
        unsafe {
            std::slice::from_raw_parts_mut(self.buffer.cast::<u8>(), length).zeroize();
            CoTaskMemFree(self.buffer);
        }
    }
}

/// A user's name without a password, in the prompt's format.
fn packed(user: &str) -> Result<Vec<u8>, Error> {
    let (user, password) = (wide(user, LONGEST_USER), [0]);
    let mut length = 0;
    // SAFETY: both texts are zero-terminated; without a buffer the call only returns the length needed.
    unsafe {
        CredPackAuthenticationBufferW(0, user.as_ptr(), password.as_ptr(), ptr::null_mut(), &raw mut length);
    }
    let mut packed = vec![0; usize::try_from(length).unwrap_or(0)];
    // SAFETY: the buffer has the given length.
    let done = unsafe {
        CredPackAuthenticationBufferW(
            0,
            user.as_ptr(),
            password.as_ptr(),
            packed.as_mut_ptr(),
            &raw mut length,
        )
    };
    if done == 0 {
        return Err(Error::PinEntry(format!("CredPackAuthenticationBufferW {}", last_error())));
    }
    packed.truncate(usize::try_from(length).unwrap_or(0));
    Ok(packed)
}

/// The process that a window belongs to.
fn process(window: HWND) -> u32 {
    let mut process = 0;
    // SAFETY: a closed window leaves 0.
    unsafe { GetWindowThreadProcessId(window, &raw mut process) };
    process
}

fn own_process() -> u32 {
    // SAFETY: no preconditions.
    unsafe { GetCurrentProcessId() }
}

fn last_error() -> u32 {
    // SAFETY: no preconditions.
    unsafe { GetLastError() }
}

/// Against a prompt that answers by itself (`tests/tests/journeys/windows/credui.c`), with the windows test of
/// `tests/`: the real one waits for a person.
#[cfg(test)]
mod tests {
    use touroku_proto::card::Pin;

    use super::*;
    use crate::pin_entry::prompt::{
        ask,
        tests::{card, said_of},
    };

    fn answer(holder: &str) -> Result<Pin, Error> {
        let card = card(holder);
        ask(Credentials::before(None), said_of(&card), &card, || true)
    }

    #[test]
    #[ignore = "needs a prompt that answers by itself"]
    fn what_is_entered_comes_back_and_what_is_too_long_for_any_pin_is_asked_for_again() {
        assert_eq!(answer("<123456>").unwrap().expose(), "123456");
        assert_eq!(answer("<long 654321>").unwrap().expose(), "654321");
    }

    #[test]
    #[ignore = "needs a prompt that answers by itself"]
    fn giving_up_and_failing_are_told_apart() {
        assert_eq!(answer("<cancel>").unwrap_err(), Error::Cancelled);
        assert_eq!(answer("<fail>").unwrap_err(), Error::PinEntry("Windows 31".to_owned()));
    }

    #[test]
    #[ignore = "needs a prompt that answers by itself"]
    fn the_prompt_goes_when_nobody_waits_any_more() {
        let (prompt, card) = (Credentials::before(None), card("<wait>"));
        assert_eq!(ask(prompt, said_of(&card), &card, || false).unwrap_err(), Error::Cancelled);
        // `ask` ends with the prompt's own end, or leaves it behind; here it must have ended.
        let owner = wide("Credential prompt", 32);
        // SAFETY: the text is zero-terminated.
        let left = unsafe { FindWindowExW(ptr::null_mut(), ptr::null_mut(), owner.as_ptr(), ptr::null()) };
        assert!(left.is_null());
    }
}
