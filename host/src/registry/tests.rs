//! What browsers find in a registry, and what an installation leaves in it.

use super::{memory::Memory, *};

fn text(hive: Hive, path: &str, name: &str, value: &str) -> (Key, String, Data) {
    (Key::new(hive, path), name.to_owned(), Data::Text(value.to_owned()))
}

#[test]
fn edge_reads_a_persons_keys_then_the_32_bit_view_and_chromes_before_its_own_64_bit_one() {
    let keys: Vec<String> = lookup(Browser::Edge).iter().map(|(_, key)| key.to_string()).collect();
    let expected = |start: &str| format!(r"{start}\NativeMessagingHosts\jp.touroku.host");
    assert_eq!(keys.len(), 9);
    assert_eq!(keys[0], expected(r"HKCU\SOFTWARE\Microsoft\Edge"));
    assert_eq!(keys[5], expected(r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome"));
    assert_eq!(keys[6], expected(r"HKLM\SOFTWARE\Microsoft\Edge"));
    assert_eq!(lookup(Browser::Chrome).len(), 3);
}

#[test]
fn what_was_left_in_the_32_bit_view_wins_and_installing_puts_it_right() {
    let stale = host_key(Hive::LocalMachine32, r"Google\Chrome");
    let registry = Memory::of([(stale, String::new(), Data::Text("/old.json".into()))]);
    let ours = Path::new("/ours.json");
    registry.set_default(&host_key(Hive::LocalMachine64, r"Google\Chrome"), "/ours.json").unwrap();
    assert_eq!(registrations(&registry, Browser::Chrome)[0].manifest, Path::new("/old.json"));
    assert!(register(&registry, Browser::Chrome, Scope::System, ours).unwrap());
    let found = registrations(&registry, Browser::Chrome);
    assert!(found.iter().all(|one| one.scope == Scope::System && one.manifest == ours), "{found:?}");
    assert_eq!(found.len(), 2);
    assert!(!register(&registry, Browser::Chrome, Scope::System, ours).unwrap());
}

#[test]
fn uninstalling_takes_our_registrations_and_dead_ones_and_leaves_others() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, other) = (folder.path().join("ours.json"), folder.path().join("other.json"));
    std::fs::write(&other, "").unwrap();
    let registry = Memory::default();
    for browser in Browser::ALL {
        register(&registry, browser, Scope::System, &ours).unwrap();
    }
    register(&registry, Browser::Edge, Scope::System, &other).unwrap();
    let chrome = unregister(&registry, Browser::Chrome, Scope::System, &ours).unwrap();
    assert_eq!(chrome, Unregistered { removed: 2, others: Vec::new() });
    assert!(is_registered(&registry, &ours));
    unregister(&registry, Browser::Chromium, Scope::System, &ours).unwrap();
    assert!(!is_registered(&registry, &ours));
    let edge = unregister(&registry, Browser::Edge, Scope::System, &ours).unwrap();
    assert_eq!(edge, Unregistered { removed: 0, others: vec![other.clone(), other] });
}

#[test]
fn policies_are_lists_switches_and_json_and_everybodys_come_last() {
    let chrome = r"SOFTWARE\Policies\Google\Chrome";
    let registry = Memory::of([
        text(Hive::LocalMachine64, &format!(r"{chrome}\NativeMessagingBlocklist"), "1", "*"),
        (Key::new(Hive::LocalMachine64, chrome), "NativeMessagingUserLevelHosts".into(), Data::Number(0)),
        text(Hive::LocalMachine64, chrome, "ExtensionSettings", r#"{"*":{"installation_mode":"blocked"}}"#),
        text(Hive::CurrentUser, &format!(r"{chrome}\NativeMessagingAllowlist"), "1", HOST_NAME),
    ]);
    let policies = policies(&registry, Browser::Chrome);
    assert_eq!(policies[0].1["NativeMessagingAllowlist"], serde_json::json!([HOST_NAME]));
    let machine = &policies[1].1;
    assert_eq!(machine["NativeMessagingBlocklist"], serde_json::json!(["*"]));
    assert_eq!(machine["NativeMessagingUserLevelHosts"], false);
    assert_eq!(machine["ExtensionSettings"]["*"]["installation_mode"], "blocked");
}

#[test]
fn only_the_value_1_forbids_the_command_prompt_to_browsers() {
    let key = Key::new(Hive::CurrentUser, r"SOFTWARE\Policies\Microsoft\Windows\System");
    for (number, disabled) in [(0, false), (1, true), (2, false)] {
        let registry = Memory::of([(key.clone(), "DisableCMD".into(), Data::Number(number))]);
        assert_eq!(command_prompt_is_disabled(&registry), disabled, "{number}");
    }
}

#[test]
fn a_command_prompt_that_is_to_run_as_administrator_is_found_and_other_programs_are_not() {
    let path = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers";
    for hive in [Hive::CurrentUser, Hive::LocalMachine64] {
        for (program, layers, found) in [
            (r"C:\Windows\System32\CMD.EXE", "~ RUNASADMIN", true),
            (r"C:\Windows\System32\cmd.exe", "WIN8RTM RUNASADMIN", true),
            (r"C:\Windows\System32\cmd.exe", "~ WIN8RTM", false),
            (r"C:\Tools\setup.exe", "~ RUNASADMIN", false),
            (r"C:\Tools\mycmd.exe", "~ RUNASADMIN", false),
        ] {
            let registry = Memory::of([text(hive, path, program, layers)]);
            assert_eq!(command_prompt_needs_administrator(&registry).is_some(), found, "{program} {layers}");
        }
    }
}

#[test]
fn a_smart_card_service_that_is_disabled_or_not_there_does_not_start_with_a_reader() {
    let key = Key::new(Hive::LocalMachine64, r"SYSTEM\CurrentControlSet\Services\SCardSvr");
    for (start, starts) in [(2, true), (3, true), (4, false)] {
        let registry = Memory::of([(key.clone(), "Start".into(), Data::Number(start))]);
        assert_eq!(smart_card_service_starts(&registry), starts, "{start}");
    }
    assert!(!smart_card_service_starts(&Memory::default()));
}
