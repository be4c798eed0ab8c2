//! What wixl cannot write is added to the finished MSI: properties that select features, Japanese text, policy
//! values, and times and codes that stay the same across builds.

use std::{
    fs::File,
    path::Path,
    time::{Duration, SystemTime},
};

use anyhow::{Context as _, Result};
use msi::{CodePage, Insert, Package, Value};

use super::Variant;
use crate::{
    dist::{
        Build,
        policies::{self, Policies},
    },
    run::{command, output},
};

/// Features and the conditions that deselect (level 0) or select them (level 1).
const CONDITIONS: [(&str, i32, &str); 4] = [
    ("Chrome", 0, "CHROME=\"0\""),
    ("ChromePolicy", 1, "CHROMEPOLICY=\"1\""),
    ("Edge", 0, "EDGE=\"0\""),
    ("EdgePolicy", 1, "EDGEPOLICY=\"1\""),
];

/// Properties that an unprivileged `msiexec` may pass on to the privileged part.
const SECURE: &str = "CHROME;CHROMEPOLICY;EDGE;EDGEPOLICY;WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED";

/// `HKEY_LOCAL_MACHINE` in the table Registry.
const LOCAL_MACHINE: i32 = 2;
/// `msidbUpgradeAttributesMigrateFeatures` and `…VersionMaxInclusive`: the same version replaces itself, too.
const MIGRATE_AND_INCLUDE: i32 = 0x001 | 0x200;

/// Completes an MSI in place.
pub(super) fn complete(
    msi: &Path,
    package_code: &str,
    build: &Build<'_>,
    policies: &Policies,
    program_version: Option<&str>,
    variant: Variant,
) -> Result<()> {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(build.epoch.seconds());
    let facts = Facts {
        package_code,
        publisher: &build.deployment.publisher.name,
        version: &build.deployment.version,
        desk: &format!("{} {}", build.deployment.help_desk.name, build.deployment.help_desk.phone),
        program_version,
        variant,
        time,
    };
    facts.complete(msi, policies)
}

struct Facts<'a> {
    package_code: &'a str,
    publisher: &'a str,
    version: &'a str,
    desk: &'a str,
    /// From the program's resources.
    program_version: Option<&'a str>,
    variant: Variant,
    time: SystemTime,
}

impl Facts<'_> {
    fn complete(&self, msi: &Path, policies: &Policies) -> Result<()> {
        prepare(msi, self.program_version)?;
        let file = File::options().read(true).write(true).open(msi)?;
        let mut package = Package::open(file).context("wixl made no readable MSI")?;
        package.set_database_codepage(CodePage::Utf8);
        let text = |text: &str| Value::Str(text.to_owned());

        let rows =
            CONDITIONS.map(|(feature, level, when)| vec![text(feature), Value::Int(level), text(when)]);
        package.insert_rows(Insert::into("Condition").rows(rows.to_vec()))?;

        let properties = [
            ("Manufacturer", self.publisher),
            ("SecureCustomProperties", SECURE),
            // What "Apps" shows; there is nothing to change by hand.
            ("ARPCONTACT", self.desk),
            ("ARPNOMODIFY", "1"),
        ];
        let chosen: &[&str] = match self.variant {
            Variant::Plain => &[],
            Variant::WithPolicies => &["CHROMEPOLICY", "EDGEPOLICY"],
        };
        let chosen = chosen.iter().map(|name| (*name, "1"));
        let rows = properties.into_iter().chain(chosen).map(|(name, value)| vec![text(name), text(value)]);
        package.insert_rows(Insert::into("Property").rows(rows.collect()))?;
        package.insert_rows(Insert::into("CustomAction").row(vec![
            text("Refresh"),
            Value::Int(RUN_PROGRAM),
            text("INSTALLDIR"),
            text(REFRESH),
            Value::Null,
        ]))?;
        for (key, name) in REMOVED {
            package.insert_rows(Insert::into("RemoveFile").row(vec![
                text(key),
                text("Host"),
                text(name),
                text("INSTALLDIR"),
                Value::Int(ON_REMOVAL),
            ]))?;
        }
        package.insert_rows(Insert::into("InstallExecuteSequence").row(vec![
            text("Refresh"),
            Value::Null,
            Value::Int(AFTER_ALL_FILES),
        ]))?;
        package.insert_rows(
            Insert::into("LaunchCondition").row(vec![text("NOT WIX_DOWNGRADE_DETECTED"), text(DOWNGRADE)]),
        )?;

        package.insert_rows(Insert::into("Upgrade").row(vec![
            Value::Str(format!("{{{}}}", policies.uuid("upgrade"))),
            Value::Null,
            text(self.version),
            Value::Null,
            Value::Int(MIGRATE_AND_INCLUDE),
            Value::Null,
            text("WIX_UPGRADE_DETECTED"),
        ]))?;
        package.insert_rows(Insert::into("Registry").rows(policy_rows(policies)))?;

        // Its text stays ASCII: the crate cannot write its code page.
        let summary = package.summary_info_mut();
        summary.set_uuid(self.package_code.parse().context("a package code is a UUID")?);
        summary.set_creation_time(self.time);
        summary.set_last_save_time(self.time);
        package.flush()?;
        Ok(())
    }
}

/// `msidbCustomActionTypeExe` in a directory, deferred, as the system, ignoring the result: without the program
/// there is nothing left to refresh, and a mistake in host.toml must not stop an installation.
const RUN_PROGRAM: i32 = 34 + 0x40 + 0x400 + 0x800;
/// What is removed with the program's component besides its files: the manifest, which the program writes, and the
/// program itself, because Windows Installer leaves a file that is newer than what the last package installed.
const REMOVED: [(&str, &str); 2] =
    [("Manifest", "TOUROKUJ.JSO|jp.touroku.host.json"), ("Newer", "TOUROKUH.EXE|touroku-host.exe")];
/// `msidbRemoveFileInstallModeOnRemove`.
const ON_REMOVAL: i32 = 2;
/// Composes the registration from the current drop-ins.
const REFRESH: &str = "\"[INSTALLDIR]touroku-host.exe\" refresh";
/// After `RemoveFiles` (3500), `InstallFiles` (4000) and `WriteRegistryValues` (5000), before `InstallFinalize` (6600).
const AFTER_ALL_FILES: i32 = 6500;

/// Shown when an older package meets a newer installation.
const DOWNGRADE: &str =
    "新しい版がすでにインストールされています。古い版に戻すときは、先にアンインストールしてください。";

/// Replacements and removals go through msitools: the crate would reuse the slot of a removed string for another
/// one, although wixl's tables still point there.
fn prepare(msi: &Path, program_version: Option<&str>) -> Result<()> {
    let folder = msi.parent().context("an MSI lies in a folder")?;
    let version = program_version
        .map(|version| format!("UPDATE `File` SET `Version` = '{version}' WHERE `File` = 'Program'"));
    let statements = [
        "CREATE TABLE `Condition` (`Feature_` CHAR(38) NOT NULL, `Level` SHORT NOT NULL, \
         `Condition` CHAR(255) PRIMARY KEY `Feature_`, `Level`)",
        "DELETE FROM `Property` WHERE `Property` = 'Manufacturer'",
        "DELETE FROM `Property` WHERE `Property` = 'SecureCustomProperties'",
        "DELETE FROM `LaunchCondition`",
        "DELETE FROM `Upgrade` WHERE `ActionProperty` = 'WIX_UPGRADE_DETECTED'",
    ];
    for statement in statements.into_iter().chain(version.as_deref()) {
        output(command(folder, "msibuild").arg(msi).args(["-q", statement]))?;
    }
    Ok(())
}

/// The policies' values. The one in the allow-list is wixl's, because a component needs one of its own.
fn policy_rows(policies: &Policies) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for browser in policies::BROWSERS {
        let component = format!("{}Policy", browser.key());
        for (key, name, value) in policies::registry_values(policies, browser) {
            if key.ends_with("NativeMessagingAllowlist") {
                continue;
            }
            rows.push(vec![
                Value::Str(format!("{component}{}", rows.len())),
                Value::Int(LOCAL_MACHINE),
                Value::Str(key),
                Value::Str(name),
                Value::Str(literal(&value)),
                Value::Str(component.clone()),
            ]);
        }
    }
    rows
}

/// Text that Windows Installer must take literally: brackets and braces begin references, # begins a number.
fn literal(text: &str) -> String {
    let mut literal = String::new();
    for character in text.chars() {
        match character {
            '[' | ']' | '{' | '}' => {
                literal.push_str("[\\");
                literal.push(character);
                literal.push(']');
            }
            other => literal.push(other),
        }
    }
    if literal.starts_with('#') {
        literal.insert(0, '#');
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{
        policies::{
            tests::{ID, policies},
            uuid,
        },
        windows::tests::msi,
    };

    fn completed(folder: &Path) -> Vec<u8> {
        let msi = msi(folder);
        let facts = Facts {
            package_code: &uuid(ID, "package"),
            publisher: "青森県（見本）",
            version: "1.2.3",
            desk: "窓口 0570-000-000",
            program_version: Some("1.2.3.0"),
            variant: Variant::Plain,
            time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
        };
        facts.complete(&msi, &policies()).unwrap();
        std::fs::read(msi).unwrap()
    }

    /// A table as read by msitools: rows of fields.
    fn table(folder: &Path, name: &str) -> Vec<Vec<String>> {
        let text = output(command(folder, "msiinfo").args(["export", "touroku.msi", name])).unwrap();
        let rows = text.lines().skip(3);
        rows.map(|row| row.trim_end_matches('\r').split('\t').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn another_reader_finds_both_views_features_conditions_and_japanese() {
        let folder = tempfile::tempdir().unwrap();
        completed(folder.path());
        let table = |name| table(folder.path(), name);
        let registry = table("Registry");
        let host: Vec<&str> = registry
            .iter()
            .filter(|row| {
                row[2].contains("NativeMessagingHosts") && row[4] == "[INSTALLDIR]jp.touroku.host.json"
            })
            .map(|row| row[5].as_str())
            .collect();
        assert_eq!(host.len(), 4, "{registry:?}");
        let components = table("Component");
        let is_64_bit = |name: &str| {
            let row = components.iter().find(|row| row[0] == name).unwrap();
            row[3].parse::<i32>().unwrap() & 256 != 0
        };
        for browser in ["Chrome", "Edge"] {
            assert!(!is_64_bit(&format!("{browser}32")) && is_64_bit(&format!("{browser}64")));
            assert!(is_64_bit(&format!("{browser}Policy")));
        }
        let forced = registry.iter().filter(|row| row[2].ends_with("ExtensionInstallForcelist"));
        assert_eq!(forced.filter(|row| row[3] == policies().value() && row[4].starts_with(ID)).count(), 2);
        assert!(
            registry.iter().any(|row| row[4].contains("青森市（見本）") && row[4].starts_with("[\\[][\\{]"))
        );
        assert_eq!(table("Condition").len(), 4);
        let features = table("Feature");
        let level = |name: &str| features.iter().find(|row| row[0] == name).unwrap()[5].clone();
        assert_eq!((level("Chrome"), level("ChromePolicy")), ("1".to_owned(), "2".to_owned()));
        let properties = table("Property");
        let property = |name: &str| properties.iter().find(|row| row[0] == name).unwrap()[1].clone();
        assert_eq!(property("Manufacturer"), "青森県（見本）");
        assert_eq!(property("ALLUSERS"), "1");
        assert!(property("SecureCustomProperties").contains("EDGEPOLICY"));
        let upgrades = table("Upgrade");
        assert!(upgrades.iter().any(|row| row[2] == "1.2.3" && row[4] == "513"), "{upgrades:?}");
        assert!(upgrades.iter().any(|row| row[6] == "WIX_DOWNGRADE_DETECTED"));
        assert_eq!(upgrades[0][0], upgrades[1][0]);
        assert!(table("LaunchCondition")[0][1].contains("新しい版"));
    }

    #[test]
    fn an_upgrade_replaces_all_that_is_the_packages_and_knows_nothing_of_the_administrators_file() {
        let folder = tempfile::tempdir().unwrap();
        completed(folder.path());
        let table = |name| table(folder.path(), name);
        let files: Vec<String> = table("File").into_iter().map(|row| row[2].clone()).collect();
        // A short name may precede the long one.
        let is_there = |name: &str| files.iter().any(|file| file.split('|').next_back() == Some(name));
        assert!(is_there("aomori.toml") && is_there("touroku-host.exe"), "{files:?}");
        assert!(!is_there("host.toml") && !is_there("jp.touroku.host.json"), "{files:?}");
        let program = table("File").into_iter().find(|row| row[0] == "Program").unwrap();
        assert_eq!(
            program[4], "1.2.3.0",
            "without its version a newer program would be replaced by an older one"
        );
        let removed = table("RemoveFile");
        assert!(removed.len() == 2 && removed.iter().all(|row| row[1] == "Host"), "{removed:?}");
        // A component whose key file is present in a newer version is not counted as used.
        for component in table("Component") {
            assert!(component[3].parse::<i32>().unwrap() & 4 != 0, "a file is the key path of {component:?}");
        }
        // The old version is removed before the new one is installed: then unversioned files are replaced too, and
        // a key that an upgrade writes in both views is not removed again when the old version goes.
        let sequence = table("InstallExecuteSequence");
        let at = |action: &str| -> i32 {
            sequence.iter().find(|row| row[0] == action).unwrap()[2].parse().unwrap()
        };
        assert!(at("RemoveExistingProducts") < at("InstallInitialize"), "{sequence:?}");
        for action in ["InstallFiles", "WriteRegistryValues"] {
            assert!(at("RemoveExistingProducts") < at(action), "{sequence:?}");
            assert!(at(action) < at("Refresh"), "{sequence:?}");
        }
        assert!(at("RemoveFiles") < at("Refresh") && at("Refresh") < at("InstallFinalize"), "{sequence:?}");
    }

    #[test]
    fn nothing_else_of_the_package_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        msi(folder.path());
        let names = ["Directory", "Component", "Feature", "FeatureComponents", "Media"];
        let before = names.map(|name| table(folder.path(), name));
        completed(folder.path());
        assert_eq!(before, names.map(|name| table(folder.path(), name)));
        let registry = table(folder.path(), "Registry");
        let own = registry.iter().filter(|row| row[4] == "[INSTALLDIR]jp.touroku.host.json");
        assert_eq!(own.count(), 4, "{registry:?}");
        let properties = table(folder.path(), "Property");
        assert!(properties.iter().any(|row| row[0] == "ProductName" && row[1] == "Touroku (aomori)"));
    }

    #[test]
    fn the_same_contents_make_the_same_package() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert_eq!(completed(first.path()), completed(second.path()));
    }

    #[test]
    fn windows_installer_takes_text_as_it_is() {
        assert_eq!(literal("[{\"a\"}]"), "[\\[][\\{]\"a\"[\\}][\\]]");
        assert_eq!(literal("#1"), "##1");
        assert_eq!(literal("https://a.jp"), "https://a.jp");
    }
}
