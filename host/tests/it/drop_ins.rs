//! What agencies' packages add to one computer: registrations composed of it, and what the doctor says about it.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::computer::{
    Computer, ID,
    staged::{MANIFEST, OTHER_ID, assert_finds, finding, healthy, manifest, report},
};

const PACKAGES: &str = "usr/share/touroku/host.d";

/// What an agency's package installs.
fn brought(computer: &Computer, agency: &str, extension: &str) {
    let text = format!(
        "allowed_extensions = [\"{extension}\"]\n[[site]]\norigin = \"https://{agency}.example.jp\"\nagencies = [\"{agency}市\"]\n"
    );
    computer.write(&format!("{PACKAGES}/{agency}.toml"), &text);
}

fn refresh(computer: &Computer) -> i32 {
    let done = computer.call(&["refresh", "--program", "/usr/bin/touroku-host"]);
    assert_eq!(done.error, "");
    done.code
}

fn origins(computer: &Computer) -> Vec<String> {
    ["etc/opt/chrome", "etc/chromium", "etc/opt/edge"]
        .map(|folder| {
            let file = computer.path(&format!("{folder}/native-messaging-hosts/jp.touroku.host.json"));
            fs::read(file).map_or_else(
                |_| String::new(),
                |bytes| serde_json::from_slice::<Value>(&bytes).unwrap()["allowed_origins"].to_string(),
            )
        })
        .to_vec()
}

#[test]
fn everybodys_registrations_follow_the_packages_that_are_there() {
    let computer = Computer::new();
    let all = |ids: &[&str]| {
        let origins = json!(ids.iter().map(|id| format!("chrome-extension://{id}/")).collect::<Vec<_>>());
        vec![origins.to_string(); 3]
    };
    assert_eq!(refresh(&computer), 0);
    assert_eq!(origins(&computer), ["", "", ""]);
    brought(&computer, "aomori", ID);
    assert_eq!(refresh(&computer), 0);
    assert_eq!(origins(&computer), all(&[ID]));
    brought(&computer, "yamaguchi", OTHER_ID);
    assert_eq!(refresh(&computer), 0);
    assert_eq!(origins(&computer), all(&[ID, OTHER_ID]));
    fs::remove_file(computer.path(PACKAGES).join("aomori.toml")).unwrap();
    assert_eq!(refresh(&computer), 0);
    assert_eq!(origins(&computer), all(&[OTHER_ID]));
    fs::remove_file(computer.path(PACKAGES).join("yamaguchi.toml")).unwrap();
    assert_eq!(refresh(&computer), 0);
    assert_eq!(origins(&computer), ["", "", ""]);
    assert!(!computer.path("etc/opt/chrome").exists(), "a folder was left");
}

#[test]
fn what_an_administrator_allowed_outlives_packages_that_come_and_go() {
    let computer = Computer::new();
    let added = "c".repeat(32);
    brought(&computer, "aomori", ID);
    assert_eq!(computer.call(&["install", "--system", "--extension-id", &added]).code, 0);
    let own = fs::read_to_string(computer.path("etc/touroku/host.toml")).unwrap();
    assert!(own.contains(&added) && !own.contains(ID), "what a package brings is the package's: {own}");
    brought(&computer, "yamaguchi", OTHER_ID);
    fs::remove_file(computer.path(PACKAGES).join("aomori.toml")).unwrap();
    assert_eq!(refresh(&computer), 0);
    for line in origins(&computer) {
        assert!(line.contains(&added) && line.contains(OTHER_ID) && !line.contains(ID), "{line}");
    }
    assert_eq!(fs::read_to_string(computer.path("etc/touroku/host.toml")).unwrap(), own);
}

#[test]
fn a_file_of_another_product_under_our_name_is_left_to_it() {
    let computer = Computer::new();
    brought(&computer, "aomori", ID);
    let foreign = "{ \"name\": \"com.example.other\", \"path\": ";
    computer.write(MANIFEST, foreign);
    assert_eq!(refresh(&computer), 0);
    assert_eq!(fs::read_to_string(computer.path(MANIFEST)).unwrap(), foreign);
}

#[test]
fn the_doctor_says_which_package_brings_what() {
    let computer = healthy();
    brought(&computer, "aomori", ID);
    brought(&computer, "yamaguchi", ID);
    let report = report(&computer, &[]);
    let names: Vec<&str> =
        report["drop_ins"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["aomori", "yamaguchi"]);
    assert_eq!(report["drop_ins"][1]["sites"], json!(["https://yamaguchi.example.jp"]));
    assert_eq!(report["drop_ins"][1]["agencies"], json!(["yamaguchi市"]));
    let text = computer.call(&["doctor"]).output;
    assert!(text.contains("発注機関の設定: aomori（aomori市）"), "{text}");
}

#[test]
fn a_package_whose_extension_is_not_registered_is_noticed() {
    let report = assert_finds(|computer| brought(computer, "aomori", OTHER_ID), &["extension_not_allowed"]);
    assert_eq!(finding(&report, "extension_not_allowed")["detail"], OTHER_ID);
}

#[test]
fn a_broken_drop_in_and_two_that_contradict_each_other_are_named_with_their_files() {
    let report = assert_finds(
        |computer| drop(computer.write("etc/touroku/host.d/x.toml", "\nsite = 1")),
        &["drop_in_invalid"],
    );
    let broken = finding(&report, "drop_in_invalid");
    assert!(broken["file"].as_str().unwrap().ends_with("host.d/x.toml"), "{broken}");
    assert!(broken["detail"].as_str().unwrap().starts_with("2行目の8文字目"), "{broken}");
    let report = assert_finds(
        |computer| {
            brought(computer, "aomori", ID);
            let text = fs::read_to_string(computer.path(PACKAGES).join("aomori.toml")).unwrap();
            computer.write(&format!("{PACKAGES}/aomori2.toml"), &text.replace("aomori市", "別の市"));
        },
        &["drop_in_conflict"],
    );
    let conflict = finding(&report, "drop_in_conflict");
    assert!(conflict["file"].as_str().unwrap().ends_with("aomori2.toml"), "{conflict}");
    let detail = conflict["detail"].as_str().unwrap();
    assert!(detail.starts_with("https://aomori.example.jp") && detail.contains("aomori.toml"), "{conflict}");
}

#[test]
fn a_malformed_file_of_another_product_is_said_to_be_none_of_ours_and_not_repaired() {
    let foreign = "{ \"name\": \"com.example.other\",\n \"path\": \"/x\" \"type\"";
    let report = assert_finds(|computer| drop(computer.write(MANIFEST, foreign)), &["manifest_name"]);
    assert!(finding(&report, "manifest_name")["detail"].as_str().unwrap().contains("com.example.other"));
    let computer = healthy();
    computer.write(MANIFEST, foreign);
    computer.call(&["doctor", "--repair"]);
    assert_eq!(fs::read_to_string(computer.path(MANIFEST)).unwrap(), foreign);
    // Ours, however broken, is rewritten.
    let ours = manifest(Path::new("/usr/bin/touroku-host"), &[ID]).to_string();
    computer.write(MANIFEST, &ours[..ours.len() - 5]);
    computer.call(&["doctor", "--repair"]);
    assert!(serde_json::from_slice::<Value>(&fs::read(computer.path(MANIFEST)).unwrap()).is_ok());
}

#[test]
fn what_packages_bring_is_shown_when_the_administrators_file_has_a_mistake() {
    let computer = healthy();
    brought(&computer, "aomori", ID);
    computer.write("etc/touroku/host.toml", "allowed_origins = [");
    let report = report(&computer, &[]);
    assert_eq!(finding(&report, "config_invalid")["severity"], "error", "{report:#}");
    assert_eq!(report["drop_ins"][0]["name"], "aomori", "{report:#}");
}
