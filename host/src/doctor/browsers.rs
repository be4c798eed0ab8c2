//! Which browsers are on this computer.

use std::{fs, path::PathBuf};

use super::{code::Code, finding::Finding};
use crate::{browser::Browser, registry, system::System};

/// Whether a browser is installed, or was used by this person, outside Snap and Flatpak.
pub(super) fn is_found(system: &System, browser: Browser) -> bool {
    // A registry lists them; then there is no such folder.
    let programs: &[&str] = match browser {
        _ if system.registry().is_some() => &[],
        Browser::Chrome => &[
            "/opt/google/chrome/chrome",
            "/usr/bin/google-chrome",
            "/usr/bin/google-chrome-stable",
            "/Applications/Google Chrome.app",
        ],
        Browser::Chromium => &[
            "/usr/lib/chromium/chromium",
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/Applications/Chromium.app",
        ],
        Browser::Edge => &[
            "/opt/microsoft/msedge/msedge",
            "/usr/bin/microsoft-edge",
            "/usr/bin/microsoft-edge-stable",
            "/Applications/Microsoft Edge.app",
        ],
    };
    let installed = programs.iter().map(|program| system.at(program));
    let registered = system.registry().and_then(|registry| registry::program(registry, browser));
    let used = system.user_data(browser).map(|folder| folder.join("Local State"));
    let installed = installed.filter(|program| !leads_to_snap(program));
    installed.chain(registered).chain(used).any(|file| file.exists())
}

/// Reports browsers that cannot start programs outside their own container.
pub(super) fn examine_confined(system: &System, findings: &mut Vec<Finding>) {
    let confined = [
        (Browser::Chromium, "/snap/chromium", "Snap"),
        (Browser::Chromium, "/snap/bin/chromium", "Snap"),
        (Browser::Chromium, "/var/lib/snapd/snap/chromium", "Snap"),
        (Browser::Chrome, "/var/lib/flatpak/app/com.google.Chrome", "Flatpak"),
        (Browser::Chromium, "/var/lib/flatpak/app/org.chromium.Chromium", "Flatpak"),
        (Browser::Edge, "/var/lib/flatpak/app/com.microsoft.Edge", "Flatpak"),
    ];
    let personal = [
        (Browser::Chromium, "snap/chromium", "Snap"),
        (Browser::Chrome, ".local/share/flatpak/app/com.google.Chrome", "Flatpak"),
        (Browser::Chromium, ".local/share/flatpak/app/org.chromium.Chromium", "Flatpak"),
        (Browser::Edge, ".local/share/flatpak/app/com.microsoft.Edge", "Flatpak"),
    ];
    let common = confined.into_iter().map(|(browser, path, kind)| (browser, Some(system.at(path)), kind));
    let personal = personal.into_iter().map(|(browser, path, kind)| (browser, system.at_home(path), kind));
    let mut named = Vec::new();
    for (browser, path, kind) in common.chain(personal) {
        let Some(path) = path.filter(|path| fs::symlink_metadata(path).is_ok()) else { continue };
        if !named.contains(&(browser, kind)) {
            named.push((browser, kind));
            findings.push(Finding::new(Code::BrowserConfined).of(browser).in_file(path).because(kind));
        }
    }
}

/// Ubuntu's `chromium-browser` is a script that starts the Snap.
fn leads_to_snap(program: &PathBuf) -> bool {
    let target = fs::canonicalize(program).unwrap_or_default();
    if target.ends_with("usr/bin/snap") || target.components().any(|part| part.as_os_str() == "snap") {
        return true;
    }
    let script = fs::metadata(program).is_ok_and(|metadata| metadata.len() < 64 * 1024);
    script && fs::read(program).is_ok_and(|text| String::from_utf8_lossy(&text).contains("/snap/bin/"))
}
