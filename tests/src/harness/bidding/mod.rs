//! 入札システム（見本）: a small bidding system, as an integrator would set it up: behind Apache with mod_auth_openidc, or
//! with a library for Node.js or Python.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use openssl::{
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::PKey,
};
use tempfile::TempDir;

use super::{
    programs::workspace,
    server::{Server, free_port},
    wait,
    walk::Walk,
};

/// What a company reads that has signed in. Claims come as CGI variables, objects among them as JSON.
const PAGE: &str = r#"#!/usr/bin/env python3
import html, json, os, sys
claim = lambda name: os.environb.get(b'OIDC_CLAIM_' + name.encode(), b'').decode()
company, card = (json.loads(claim(name) or '{}') for name in ('company', 'card'))
show = lambda text: html.escape(str(text))
rows = [('企業ID', company.get('id')), ('業者番号', company.get('number')), ('ICカードの名義', card.get('holder')),
        ('確かめ方', claim('acr'))]
body = ''.join(f'<tr><th scope="row">{show(name)}</th><td>{show(value)}</td></tr>' for name, value in rows)
sys.stdout.buffer.write(f'''Content-Type: text/html; charset=utf-8
Cache-Control: no-store

<!doctype html><html lang="ja"><meta charset="utf-8"><title>入札システム（見本）</title>
<style>body {{ font: 18px/1.8 sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }}
header {{ background: #00428c; color: #fff; padding: .6rem 1rem }} th {{ text-align: left; padding-right: 2rem }}
</style><header>入札システム（見本）</header><main data-company="{show(company.get('name'))}">
<h1>{show(company.get('name'))} 様</h1><p>利用者登録のICカードでログインしました。</p><table>{body}</table>
<p><a href="/redirect_uri?logout=">ログアウト</a></p></main></html>
'''.encode())
"#;

const OPENID_CLIENT: &str = include_str!("openid-client.mjs");
const AUTHLIB: &str = include_str!("authlib_client.py");

/// What a bidding system is made with.
#[derive(Clone, Copy, Debug)]
pub enum MadeWith {
    /// mod_auth_openidc.
    Apache,
    /// Node.js, and a key instead of a secret.
    OpenidClient,
    /// Python.
    Authlib,
}

impl MadeWith {
    /// Its code at the agency.
    fn client(self) -> &'static str {
        match self {
            Self::Apache => "bidding",
            Self::OpenidClient => "openid-client",
            Self::Authlib => "authlib",
        }
    }

    fn callback(self) -> &'static str {
        match self {
            Self::Apache => "redirect_uri",
            Self::OpenidClient | Self::Authlib => "callback",
        }
    }
}

/// A running bidding system; dropping it ends it.
pub struct BiddingSystem {
    child: Child,
    port: u16,
    // Last, so that the folder outlives who writes into it.
    folder: TempDir,
}

impl BiddingSystem {
    /// Registers it at that agency, starts the server again and then the system.
    pub async fn start(server: &mut Server, agency: &str, with: MadeWith) -> Result<Self> {
        let port = free_port()?;
        // Root's Apache goes on as another user, who has to come in.
        let folder = tempfile::tempdir()?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
        let here = format!("http://localhost:{port}");
        let (code, callback) = (with.client(), with.callback());
        let mut client = format!(
            "code = \"{code}\"\nname = \"入札システム（見本）\"\nredirect_uris = [\"{here}/{callback}\"]\n\
             post_logout_redirect_uris = [\"{here}/\"]\nscopes = [\"company\", \"card\", \"contacts\"]\n\
             categories = [\"goods\"]\nways = [\"card\"]\n"
        );
        let key = folder.path().join("key.pem");
        match with {
            MadeWith::Apache => {
                let address = format!("{here}/redirect_uri?logout=backchannel");
                client.push_str(&format!("backchannel_logout_uri = \"{address}\"\n"));
            }
            MadeWith::OpenidClient => {
                let public = new_key(&key)?;
                client.push_str(&format!("algorithm = \"ES256\"\npublic_keys = [\"\"\"\n{public}\"\"\"]\n"));
            }
            MadeWith::Authlib => {}
        }
        let file = folder.path().join("client.toml");
        fs::write(&file, client)?;
        let secret = server.add_client(agency, &file)?;
        server.restart().await?;
        let issuer = format!("{}/oidc/{agency}", server.origin());
        let log = fs::File::create(folder.path().join("error.log"))?;
        let command = match (with, secret) {
            (MadeWith::Apache, Some(secret)) => apache(folder.path(), &here, port, &issuer, &secret)?,
            (MadeWith::OpenidClient, None) => node(folder.path(), &issuer, code, port, &key)?,
            (MadeWith::Authlib, Some(secret)) => python(folder.path(), &issuer, code, port, &secret)?,
            (with, _) => anyhow::bail!("{with:?} needs another proof"),
        };
        let mut system = Self { child: spawn(command, log)?, port, folder };
        system.answers().await?;
        Ok(system)
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Waits until it greets that company.
    pub async fn greets(&self, walk: &Walk<'_>, company: &str) -> Result<()> {
        let driver = walk.browser.driver();
        wait::until("the greeting", async || {
            let script = "const e = document.querySelector('[data-company]'); return e && e.dataset.company;";
            let found: Option<String> = driver.execute(script, Vec::new()).await?.convert()?;
            Ok(found.filter(|found| found == company).map(drop))
        })
        .await
    }

    async fn answers(&mut self) -> Result<()> {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let log = self.folder.path().join("error.log");
        let (url, child) = (self.origin(), &mut self.child);
        wait::until("the bidding system's answer", async || {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!(
                    "the bidding system ended with {status}: {}",
                    fs::read_to_string(&log).unwrap_or_default()
                );
            }
            Ok(client.get(&url).send().await.ok().filter(|answer| answer.status().is_redirection()).map(drop))
        })
        .await
    }
}

impl Drop for BiddingSystem {
    fn drop(&mut self) {
        // Not `kill`, which would leave its children; there is nobody to report a failure to here.
        let _ = super::server::terminate(&self.child);
        let _ = self.child.wait();
    }
}

/// A key for P-256 in that file. Returns its public half, PEM.
fn new_key(file: &Path) -> Result<String> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
    fs::write(file, key.private_key_to_pem_pkcs8()?)?;
    Ok(String::from_utf8(key.public_key_to_pem()?)?)
}

fn node(folder: &Path, issuer: &str, client: &str, port: u16, key: &Path) -> Result<Command> {
    let script = folder.join("openid-client.mjs");
    fs::write(&script, OPENID_CLIENT)?;
    let mut command = Command::new("node");
    command.arg(script).arg(workspace().join("target/tools/node_modules/openid-client/build/index.js"));
    command.args([issuer, client, &port.to_string()]).arg(key);
    Ok(command)
}

fn python(folder: &Path, issuer: &str, client: &str, port: u16, secret: &str) -> Result<Command> {
    let (script, file) = (folder.join("authlib_client.py"), folder.join("secret"));
    fs::write(&script, AUTHLIB)?;
    fs::write(&file, secret)?;
    // Debian's, which has Authlib: there may be another on the PATH.
    let mut command = Command::new("/usr/bin/python3");
    command.arg(script).args([issuer, client, &port.to_string()]).arg(file);
    Ok(command)
}

fn apache(folder: &Path, here: &str, port: u16, issuer: &str, secret: &str) -> Result<Command> {
    let page = folder.join("page");
    fs::write(&page, PAGE)?;
    fs::set_permissions(&page, fs::Permissions::from_mode(0o755))?;
    let is_root = rustix::process::geteuid().is_root();
    let user = if is_root { "User www-data\nGroup www-data\n" } else { "" };
    let modules: String = [
        ("mpm_event", "mpm_event"),
        ("authn_core", "authn_core"),
        ("authz_core", "authz_core"),
        ("authz_user", "authz_user"),
        ("alias", "alias"),
        ("cgid", "cgid"),
        ("auth_openidc", "auth_openidc"),
    ]
    .map(|(name, file)| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{file}.so\n"))
    .concat();
    let path = folder.join("apache.conf");
    let at = folder.display();
    fs::write(
        &path,
        format!(
            "ServerRoot {at}\nPidFile {at}/apache.pid\nErrorLog {at}/apache.log\nScriptSock {at}/cgid.sock\n\
             DefaultRuntimeDir {at}\nListen 127.0.0.1:{port}\nServerName {here}\n{modules}{user}\
             ScriptAliasMatch ^/$ {at}/page\n\
             OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration\n\
             OIDCClientID bidding\nOIDCClientSecret {secret}\nOIDCRedirectURI {here}/redirect_uri\n\
             OIDCCryptoPassphrase {}\nOIDCScope \"openid company card\"\nOIDCPKCEMethod S256\n\
             OIDCProviderTokenEndpointAuth client_secret_basic\nOIDCStateTimeout 3600\n\
             OIDCSessionMaxDuration 28800\nOIDCRemoteUserClaim sub\n\
             <Location \"/\">\nAuthType openid-connect\nRequire valid-user\n</Location>\n",
            // Of this run only: it seals Apache's own cookies.
            hex::encode(openssl::sha::sha256(secret.as_bytes())),
        ),
    )?;
    let mut command = Command::new("/usr/sbin/apache2");
    command.args(["-DFOREGROUND", "-f"]).arg(path);
    Ok(command)
}

fn spawn(mut command: Command, log: fs::File) -> Result<Child> {
    let program = command.get_program().to_owned();
    let started = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
    started.with_context(|| format!("{} did not start", program.display()))
}
