//! The part of the Terraform plugin protocol (major version 6) that the simulated provider speaks.
//!
//! The messages are written by hand: field numbers are the public wire interface of
//! `tfplugin6.proto`, nothing is generated. Version 6 carries everything that version 5 does, and
//! terraform speaks both.

mod calls;
mod schema;

pub(super) use calls::{
    ApplyRequest, ApplyResponse, AttributePath, ConfigOnly, Diagnostic, Diagnostics, DynamicValue,
    Health, ImportRequest, ImportResponse, ImportedResource, MetadataResponse, PlanRequest,
    PlanResponse, ReadRequest, TypeAndConfig, TypeName, UpgradeRequest, ValueResponse,
};
pub(super) use schema::{ServerCapabilities, capabilities, encode_schema};
