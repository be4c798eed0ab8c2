//! The server for Debian and Ubuntu: program, web site, a unit that systemd's own measure finds tight.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::{File, Package, copyright};
use crate::{
    dist::{Build, deployment::Deployment, drop_in::extension_ids, programs},
    run::{command, output},
};

const UNIT: &str = include_str!("../../../dist/server/touroku-server.service");
const BACKUP_UNIT: &str = include_str!("../../../dist/server/touroku-backup.service");
const BACKUP_TIMER: &str = include_str!("../../../dist/server/touroku-backup.timer");
const USERS: &str = include_str!("../../../dist/server/touroku.sysusers");
const CONFIGURATION: &str = include_str!("../../../dist/server/server.toml");
const NGINX: &str = include_str!("../../../dist/server/nginx.conf");
const NEXT_STEPS: &str = include_str!("../../../dist/server/README.Debian");
const SCRIPTS: [(&str, &str); 4] = [
    ("preinst", include_str!("../../../dist/server/preinst")),
    ("postinst", include_str!("../../../dist/server/postinst")),
    ("prerm", include_str!("../../../dist/server/prerm")),
    ("postrm", include_str!("../../../dist/server/postrm")),
];

/// What lies in `/etc/touroku` until an administrator changes it. No conffiles of dpkg's, which would stop an upgrade with
/// a question that nobody answers at night: preinst takes away what is as it was shipped, postinst lays down what is not
/// there.
const SHIPPED: &str = "/usr/share/touroku/default";

pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let Build { root, deployment, key, .. } = build;
    check_unit(root, UNIT)?;
    check_unit(root, BACKUP_UNIT)?;
    let site = programs::site(build)?;
    let program = programs::build(build, "touroku-server", programs::LINUX)?;
    let glibc = programs::glibc(root, &program)?;
    let documents = "/usr/share/doc/touroku-server";
    let mut files = vec![
        File::program("/usr/bin/touroku-server", &program)?,
        File::new("/lib/systemd/system/touroku-server.service", UNIT),
        File::new("/lib/systemd/system/touroku-backup.service", BACKUP_UNIT),
        File::new("/lib/systemd/system/touroku-backup.timer", BACKUP_TIMER),
        File::new("/usr/lib/sysusers.d/touroku.conf", USERS),
        File::new(format!("{SHIPPED}/server.toml"), configuration(deployment, &key.extension_id())),
        File::new("/usr/share/touroku/holidays.csv", fs::read(root.join("agencies/holidays.csv"))?),
        File::new(format!("{documents}/README.md"), fs::read(root.join("server/README.md"))?),
        File::new(format!("{documents}/README.Debian"), NEXT_STEPS),
        File::new(format!("{documents}/nginx.conf"), nginx(deployment)),
        copyright(root, "touroku-server", &programs::SERVER)?,
    ];
    help(&mut files, root, &program)?;
    tree(&mut files, &root.join("agencies/ca"), &format!("{SHIPPED}/agencies/ca"))?;
    tree(&mut files, &root.join("agencies"), &format!("{documents}/agencies"))?;
    tree(&mut files, &site, "/usr/share/touroku/site")?;
    let package = Package {
        name: "touroku-server".to_owned(),
        version: deployment.version.clone(),
        any_architecture: false,
        section: "web",
        depends: format!("libc6 (>= {glibc}), libgcc-s1, libssl3 (>= 3.0.0), ca-certificates, systemd"),
        recommends: "nginx",
        summary: "user registration for public e-bidding, the server".to_owned(),
        description: "Serves the registration's pages and API from one SQLite file, and checks IC cards."
            .to_owned(),
        triggers: None,
        files,
        scripts: SCRIPTS.to_vec(),
    };
    package.build(build).map(drop)
}

/// Man pages and completions, which the program writes from its own flags.
fn help(files: &mut Vec<File>, root: &Path, program: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    output(command(root, program).arg("help-files").arg(folder.path()))?;
    for entry in fs::read_dir(folder.path())? {
        let entry = entry?;
        let name = entry.file_name().into_string().ok().context("our file names are UTF-8")?;
        let path = match name.as_str() {
            "touroku-server.bash" => "/usr/share/bash-completion/completions/touroku-server".to_owned(),
            "touroku-server.fish" => "/usr/share/fish/vendor_completions.d/touroku-server.fish".to_owned(),
            "_touroku-server" => "/usr/share/zsh/vendor-completions/_touroku-server".to_owned(),
            page => format!("/usr/share/man/man1/{page}"),
        };
        files.push(File::new(path, fs::read(entry.path())?));
    }
    // The folder gives them in any order.
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(())
}

/// systemd's own measure of how much a service could do: at most 2.0 of 10.
fn check_unit(root: &Path, text: &str) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let unit = folder.path().join("touroku-server.service");
    fs::write(&unit, text)?;
    let mut analyze = command(root, "systemd-analyze");
    analyze.args(["security", "--offline=true", "--threshold=20", "--no-pager"]).arg(&unit);
    let report = output(&mut analyze).context("the server's unit is not tight enough")?;
    println!("   {}", report.lines().last().unwrap_or_default().trim_start_matches(['→', ' ']));
    Ok(())
}

fn configuration(deployment: &Deployment, id: &str) -> String {
    let ids: Vec<toml::Value> = extension_ids(deployment, id).into_iter().map(toml::Value::from).collect();
    CONFIGURATION
        .replace("@ORIGIN@", deployment.server.as_str())
        .replace("@EXTENSION_IDS@", &toml::Value::from(ids).to_string())
}

fn nginx(deployment: &Deployment) -> String {
    let origin = deployment.server.as_str();
    let authority = origin.split_once("://").map_or(origin, |(_, rest)| rest);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let folder = deployment.update_url.path_on(origin).unwrap_or("/extension/");
    NGINX.replace("@HOST@", host).replace("@UPDATE_FOLDER@", folder)
}

/// Adds a folder's files, those in its folders too; names that begin with a dot are not for others.
fn tree(files: &mut Vec<File>, from: &Path, to: &str) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().ok().context("our file names are UTF-8")?;
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{to}/{name}");
        if entry.file_type()?.is_dir() {
            tree(files, &entry.path(), &path)?;
        } else {
            files.push(File::new(path, fs::read(entry.path())?));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dist::{deployment::tests::sample, policies::tests::ID};

    #[test]
    fn the_unit_is_tight_by_systemds_own_measure_and_a_loose_one_is_noticed() {
        let root = crate::workspace_root();
        check_unit(&root, UNIT).unwrap();
        check_unit(&root, BACKUP_UNIT).unwrap();
        assert!(check_unit(&root, &UNIT.replace("CapabilityBoundingSet=\n", "")).is_err());
    }

    #[test]
    fn the_servers_configuration_is_this_deployments() {
        let file: toml::Table = configuration(&sample(), ID).parse().unwrap();
        assert_eq!(file["origin"].as_str(), Some("https://ebid.example.jp"));
        assert_eq!(file["extension_ids"].as_array().unwrap()[0].as_str(), Some(ID));
    }

    #[test]
    fn nginx_serves_the_extension_where_browsers_look_for_updates() {
        let nginx = nginx(&sample());
        assert!(nginx.contains("server_name ebid.example.jp;"));
        assert!(nginx.contains("location /extension/ {"));
        assert!(!nginx.contains('@'), "{nginx}");
    }
}
