//! Wiring that only the foundation can fill in, as Terraform expressions.
//!
//! This table is the one place where a kit's references meet the rendered layers' variables.

use super::value::{escape, quote};
use crate::database::turn::SECOND;
use crate::environment::model::{Output, Wiring};
use crate::kit::model::Function;

/// The file beside a layer that holds the certificates of the region's database servers.
pub(super) const CERTIFICATES_FILE: &str = "rds-ca.pem";

/// The Terraform path of a foundation output, without `${}`.
pub(super) fn output(output: &Output) -> String {
    match output {
        Output::DatabaseHost(name) => format!("var.foundation.databases.{name}.host"),
        Output::DatabaseCertificates => format!("file(\"${{path.module}}/{CERTIFICATES_FILE}\")"),
        Output::DatabaseServerCa(name) => format!("var.foundation.databases.{name}.server_ca"),
        Output::DatabaseUser { database, workload } => {
            format!("var.foundation.workloads.{workload}.database_users.{database}")
        }
    }
}

/// The expression of a value; secrets never become one.
pub(super) fn expression(wiring: &Wiring) -> String {
    match wiring {
        Wiring::Plain(text) => quote(text),
        Wiring::Output(path) => output(path),
        Wiring::Template(parts) => {
            let parts: String = parts
                .iter()
                .map(|part| match part {
                    Wiring::Plain(text) => escape(text),
                    part => format!("${{{}}}", expression(part)),
                })
                .collect();
            format!("\"{parts}\"")
        }
        Wiring::Call(function, inner) => {
            let name = match function {
                Function::Urlencode => "urlencode",
                Function::Base64 => "base64encode",
                Function::Jsonencode => "jsonencode",
                Function::Yamlencode => "yamlencode",
            };
            format!("{name}({})", expression(inner))
        }
        Wiring::Secret(key) => format!("var.foundation.secrets.{key}.arn"),
        // User and password come from the same version.
        Wiring::Login { first, second, secret } => format!(
            "endswith(var.secret_versions.{secret}, {}) ? {} : {}",
            quote(SECOND),
            quote(second),
            quote(first)
        ),
    }
}

/// Whether the value needs a file with certificates beside the layer.
pub(super) fn needs_certificates(wiring: &Wiring) -> bool {
    match wiring {
        Wiring::Output(Output::DatabaseCertificates) => true,
        Wiring::Template(parts) => parts.iter().any(needs_certificates),
        Wiring::Call(_, inner) => needs_certificates(inner),
        _ => false,
    }
}
