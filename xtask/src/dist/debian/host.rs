//! The host for Linux: one program for all agencies, and a small package that adds this deployment to it.

use anyhow::Result;

use super::{File, Package, copyright};
use crate::dist::{Build, drop_in, programs};

/// Where the program is installed.
const PROGRAM: &str = "/usr/bin/touroku-host";

/// Where packages install their drop-ins.
const DROP_INS: &str = "/usr/share/touroku/host.d";

const SCRIPTS: [(&str, &str); 4] = [
    ("preinst", include_str!("../../../dist/host/preinst")),
    ("postinst", include_str!("../../../dist/host/postinst")),
    ("prerm", include_str!("../../../dist/host/prerm")),
    ("postrm", include_str!("../../../dist/host/postrm")),
];

/// Builds both packages.
pub(crate) fn make(build: &Build<'_>) -> Result<()> {
    let Build { root, deployment, key, .. } = build;
    let program = programs::build(build, "touroku-host", programs::LINUX)?;
    let glibc = programs::glibc(root, &program)?;
    // Manifests and host.toml are not part of the package: all drop-ins together decide which extensions may call,
    // and an administrator's changes must not stop an upgrade with a question.
    let core = Package {
        name: "touroku-host".to_owned(),
        version: deployment.product_version.clone(),
        section: "web",
        any_architecture: false,
        depends: format!("libc6 (>= {glibc}), libgcc-s1, libpcsclite1"),
        recommends: "pcscd",
        summary: "IC cards for public e-bidding, in the browser".to_owned(),
        description: "Connects the browser's Touroku extension with the IC card in a reader.\n\
                      One program for all agencies; each agency's package brings its own sites.\n\
                      Registers itself with Chrome, Chromium and Edge for everybody on this computer."
            .to_owned(),
        files: vec![
            File::program(PROGRAM, &program)?,
            copyright(root, "touroku-host", &[("touroku-host", programs::LINUX)])?,
        ],
        scripts: SCRIPTS.to_vec(),
        triggers: Some(format!("interest-noawait {DROP_INS}\n")),
    };
    core.build(build)?;

    let name = format!("touroku-host-{}", deployment.name);
    let agencies: Vec<&str> =
        deployment.sites.iter().flat_map(|site| &site.agencies).map(String::as_str).collect();
    let drop_in = Package {
        version: deployment.version.clone(),
        section: "web",
        any_architecture: true,
        depends: format!("touroku-host (>= {})", deployment.product_version),
        recommends: "",
        summary: format!("e-bidding of {}, for the IC card program", deployment.publisher.name),
        description: format!("Lets the IC card be used at the sites of {}.", agencies.join("、")),
        files: vec![
            File::new(
                format!("{DROP_INS}/{}", drop_in::file_name(deployment)),
                drop_in::text(deployment, &key.extension_id(), &deployment.modules.linux),
            ),
            File::new(format!("/usr/share/doc/{name}/copyright"), "Apache-2.0\n"),
        ],
        scripts: Vec::new(),
        triggers: None,
        name,
    };
    drop_in.build(build).map(drop)
}
