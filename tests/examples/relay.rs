//! iroh's own relay, for devices in network namespaces: `relay ADDRESS CERTIFICATE KEY TOKEN`, with a certificate and its key as PEM.
//! It listens on port 8443 of that address and lets in whoever knows the token.

use std::error::Error;
use std::io::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use iroh_relay::server::{
    Access, AccessControl, CertConfig, ClientRequest, RelayConfig, Server, ServerConfig, TlsConfig,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

const PORT: u16 = 8443;

#[derive(Debug)]
struct AsksFor(String);

impl AccessControl for AsksFor {
    async fn on_connect(&self, request: &ClientRequest) -> Access {
        match request.auth_token() {
            Some(token) if token == self.0 => Access::Allow,
            _ => Access::Deny { reason: None },
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, certificate, key, token] = arguments.as_slice() else {
        return Err("ADDRESS CERTIFICATE KEY TOKEN".into());
    };
    let address: IpAddr = address.parse()?;
    let certificate = CertificateDer::from_pem_file(certificate)?;
    let key = PrivateKeyDer::from_pem_file(key)?;
    let tls = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions()?.with_no_client_auth();
    let server_config = tls.with_single_cert(vec![certificate], key)?;
    let mut relay = RelayConfig::new((address, 0));
    relay.tls = Some(TlsConfig::new((address, PORT), CertConfig::Manual { server_config }));
    relay.access = Arc::new(AsksFor(token.clone()));
    let mut config = ServerConfig::default();
    config.relay = Some(relay);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut server = Server::spawn(config).await?;
        writeln!(std::io::stdout(), "listening")?;
        server.join().await??;
        Ok(())
    })
}
