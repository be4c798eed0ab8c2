//! `doctor` on computers whose administrators set policies.

use std::fs;

use serde_json::{Value, json};

use crate::computer::{
    Computer, ID,
    staged::{MANIFEST, POLICY, assert_finds, finding},
};

#[test]
fn a_policy_against_personal_manifests_is_named_only_where_it_matters() {
    let policy = |computer: &Computer| {
        computer.write(POLICY, "{\"NativeMessagingUserLevelHosts\": false}");
        let text = fs::read_to_string(computer.path(MANIFEST)).unwrap();
        computer.write_home(".config/chromium/NativeMessagingHosts/jp.touroku.host.json", &text);
    };
    assert_finds(policy, &[]);
    let report = assert_finds(
        |computer| {
            policy(computer);
            fs::remove_file(computer.path(MANIFEST)).unwrap();
        },
        &["policy_user_level"],
    );
    assert!(finding(&report, "policy_user_level")["detail"].as_str().unwrap().ends_with(POLICY));
}

#[test]
fn policies_that_stop_the_host_or_the_extension_are_named_and_those_that_do_not_are_not() {
    let own = |settings: Value| json!({"ExtensionSettings": {ID: settings}});
    let all_blocked = json!({"installation_mode": "blocked"});
    for (policy, expected) in [
        (json!({"NativeMessagingBlocklist": ["*"]}), vec!["policy_blocklist"]),
        (json!({"NativeMessagingBlocklist": ["jp.touroku.host"]}), vec!["policy_blocklist"]),
        (json!({"NativeMessagingBlocklist": ["com.example"]}), vec![]),
        (json!({"NativeMessagingBlocklist": ["*"], "NativeMessagingAllowlist": ["jp.touroku.host"]}), vec![]),
        (
            json!({"NativeMessagingBlocklist": ["*"], "NativeMessagingAllowlist": ["*"]}),
            vec!["policy_blocklist"],
        ),
        (json!({"NativeMessagingBlocklist": "*"}), vec!["policy_invalid"]),
        (json!({"nativeMessagingBlocklist": ["*"]}), vec!["policy_invalid"]),
        (json!({"ExtensionInstallBlocklist": ["*"]}), vec!["policy_extension_blocked"]),
        (json!({"ExtensionInstallBlocklist": ["*"], "ExtensionInstallAllowlist": [ID]}), vec![]),
        (
            json!({"ExtensionInstallBlocklist": ["*"], "ExtensionInstallForcelist": [format!("{ID};file:///x")]}),
            vec![],
        ),
        (json!({"ExtensionSettings": {"*": all_blocked}}), vec!["policy_extension_blocked"]),
        (json!({"ExtensionSettings": {"*": all_blocked, ID: {"installation_mode": "allowed"}}}), vec![]),
        (own(json!({"installation_mode": "removed"})), vec!["policy_extension_blocked"]),
        (own(json!({"blocked_permissions": ["nativeMessaging"]})), vec!["policy_extension_blocked"]),
        (json!({"ExtensionInstallTypeBlocklist": ["command_line"]}), vec!["policy_command_line"]),
        (json!({"ExtensionAllowedTypes": ["theme"]}), vec!["policy_extension_blocked"]),
        (json!({"ExtensionSettings": {"*": {"allowed_types": ["theme"]}}}), vec!["policy_extension_blocked"]),
        (json!({"ExtensionSettings": {"*": {"allowed_types": ["theme", "extension"]}}}), vec![]),
    ] {
        assert_finds(|computer| drop(computer.write(POLICY, &policy.to_string())), &expected);
    }
}

#[test]
fn the_files_of_two_agencies_count_together_as_the_merging_policy_says() {
    let other = "b".repeat(32);
    let agency = |id: &str, merges: bool| {
        let mut policies = json!({
            "ExtensionInstallForcelist": [format!("{id};https://a.example.jp/update.xml")],
            "NativeMessagingAllowlist": ["jp.touroku.host"],
            "3rdparty": {"extensions": {id: {"allowed_origins": []}}},
        });
        if merges {
            policies["PolicyListMultipleSourceMergeList"] =
                json!(["ExtensionInstallForcelist", "NativeMessagingAllowlist"]);
        }
        policies.to_string()
    };
    let lay = |computer: &Computer, merges| {
        for (name, text) in [
            (
                "10-it",
                json!({"ExtensionInstallBlocklist": ["*"], "NativeMessagingBlocklist": ["*"]}).to_string(),
            ),
            ("touroku-a", agency(ID, merges)),
            ("touroku-b", agency(&other, merges)),
        ] {
            computer.write(&format!("etc/chromium/policies/managed/{name}.json"), &text);
        }
    };
    // The first agency's settings are seen, too: nobody is allowed by them.
    assert_finds(|computer| lay(computer, true), &["policy_extension_settings"]);
    assert_finds(|computer| lay(computer, false), &["policy_extension_blocked", "policy_extension_settings"]);
}

#[test]
#[cfg(unix)]
fn policy_files_that_only_root_can_read_are_named_where_root_asks() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return;
    }
    let lay = |mode: u32, path: &'static str| {
        move |computer: &Computer| {
            computer.write(POLICY, "{}");
            fs::set_permissions(computer.path(path), fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    let folder = POLICY.rsplit_once('/').unwrap().0;
    assert_finds(lay(0o600, POLICY), &["policy_invalid"]);
    assert_finds(lay(0o700, folder), &["policy_invalid"]);
    // For a group of those who may use the card.
    assert_finds(lay(0o640, POLICY), &[]);
}

#[test]
fn policy_files_are_read_as_the_browser_reads_them() {
    let block = "// by IT\n{\"NativeMessagingBlocklist\": [\"*\",],}";
    assert_finds(|computer| drop(computer.write(POLICY, block)), &["policy_blocklist"]);
    assert_finds(
        |computer| drop(computer.write(POLICY, "{\"NativeMessagingBlocklist\"")),
        &["policy_invalid"],
    );
    let recommended = "etc/chromium/policies/recommended/a.json";
    assert_finds(|computer| drop(computer.write(recommended, block)), &["policy_recommended"]);
    // The last file by name wins.
    assert_finds(
        |computer| {
            computer.write("etc/chromium/policies/managed/10.json", block);
            computer.write("etc/chromium/policies/managed/20.json", "{\"NativeMessagingBlocklist\": []}");
        },
        &[],
    );
    assert_finds(
        |computer| drop(computer.write("etc/opt/edge/policies/managed/a.json", block)),
        &["policy_blocklist"],
    );
}
