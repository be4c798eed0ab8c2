//! What Windows shows of the program, and decides by it: its version, by which an older program never replaces a newer
//! one; its icon; and that it needs no administrator.

use std::{env, error::Error};

/// Without `requestedExecutionLevel` Windows may take a program for an installer by its name.
const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <assemblyIdentity type="win32" name="Touroku.Host" version="1.0.0.0"/>
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security>
      <requestedPrivileges>
        <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
      </requestedPrivileges>
    </security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application>
      <supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/>
    </application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
</assembly>
"#;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=touroku.ico");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS")? != "windows" {
        return Ok(());
    }
    let mut resource = winresource::WindowsResource::new();
    // Japanese, Unicode.
    resource.set_language(0x0411);
    for (name, value) in [
        ("ProductName", "登録（Touroku）"),
        ("FileDescription", "登録（Touroku）カード接続プログラム"),
        ("CompanyName", "Touroku"),
        ("LegalCopyright", "Apache-2.0"),
        ("OriginalFilename", "touroku-host.exe"),
    ] {
        resource.set(name, value);
    }
    resource.set_icon("touroku.ico").set_manifest(MANIFEST);
    // Not into the library: it would come along twice.
    resource.compile_for("touroku-host")?;
    Ok(())
}
