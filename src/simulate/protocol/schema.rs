//! `GetProviderSchema`: our schemas in the protocol's form.

use std::collections::BTreeMap;

use prost::Message;

use crate::simulate::catalogue::Catalogue;
use crate::simulate::schema;

/// What the server can do.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ServerCapabilities {
    #[prost(bool, tag = "1")]
    plan_destroy: bool,
    /// Terraform asks once per command, not once per use.
    #[prost(bool, tag = "2")]
    get_provider_schema_optional: bool,
}

pub(crate) fn capabilities() -> ServerCapabilities {
    ServerCapabilities { plan_destroy: false, get_provider_schema_optional: true }
}

#[derive(Clone, PartialEq, Message)]
struct Schema {
    #[prost(int64, tag = "1")]
    version: i64,
    #[prost(message, optional, tag = "2")]
    block: Option<Block>,
}

#[derive(Clone, PartialEq, Message)]
struct Block {
    #[prost(message, repeated, tag = "2")]
    attributes: Vec<Attribute>,
    #[prost(message, repeated, tag = "3")]
    block_types: Vec<NestedBlock>,
}

#[derive(Clone, PartialEq, Message)]
struct Attribute {
    #[prost(string, tag = "1")]
    name: String,
    /// A type constraint in JSON.
    #[prost(bytes = "vec", tag = "2")]
    r#type: Vec<u8>,
    #[prost(bool, tag = "4")]
    required: bool,
    #[prost(bool, tag = "5")]
    optional: bool,
    #[prost(bool, tag = "6")]
    computed: bool,
    #[prost(bool, tag = "7")]
    sensitive: bool,
    #[prost(bool, tag = "9")]
    deprecated: bool,
    #[prost(bool, tag = "11")]
    write_only: bool,
}

#[derive(Clone, PartialEq, Message)]
struct NestedBlock {
    #[prost(string, tag = "1")]
    type_name: String,
    #[prost(message, optional, tag = "2")]
    block: Option<Block>,
    /// 1 single, 2 list, 3 set.
    #[prost(int32, tag = "3")]
    nesting: i32,
    #[prost(int64, tag = "4")]
    min_items: i64,
    #[prost(int64, tag = "5")]
    max_items: i64,
}

#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, optional, tag = "1")]
    provider: Option<Schema>,
    #[prost(btree_map = "string, message", tag = "2")]
    resource_schemas: BTreeMap<String, Schema>,
    #[prost(btree_map = "string, message", tag = "3")]
    data_source_schemas: BTreeMap<String, Schema>,
    #[prost(message, optional, tag = "6")]
    server_capabilities: Option<ServerCapabilities>,
}

/// The encoded response, with these resource types only: terraform decodes all of it for every
/// command.
pub(crate) fn encode_schema(catalogue: &Catalogue) -> Vec<u8> {
    let response = Response {
        provider: Some((&catalogue.provider).into()),
        resource_schemas: catalogue
            .resources
            .iter()
            .map(|(name, kind)| (name.clone(), (&kind.schema).into()))
            .collect(),
        data_source_schemas: catalogue
            .data_sources
            .iter()
            .map(|(name, schema)| (name.clone(), schema.into()))
            .collect(),
        server_capabilities: Some(capabilities()),
    };
    response.encode_to_vec()
}

impl From<&schema::Schema> for Schema {
    fn from(schema: &schema::Schema) -> Self {
        Self { version: schema.version, block: Some((&schema.block).into()) }
    }
}

impl From<&schema::Block> for Block {
    fn from(block: &schema::Block) -> Self {
        Self {
            attributes: block.attributes.iter().map(Into::into).collect(),
            block_types: block.blocks.iter().map(Into::into).collect(),
        }
    }
}

impl From<&schema::Attribute> for Attribute {
    fn from(attribute: &schema::Attribute) -> Self {
        Self {
            name: attribute.name.clone(),
            r#type: attribute.kind.to_json().to_string().into_bytes(),
            required: attribute.required,
            optional: attribute.optional,
            computed: attribute.computed,
            sensitive: attribute.sensitive,
            deprecated: attribute.deprecated,
            write_only: attribute.write_only,
        }
    }
}

impl From<&schema::NestedBlock> for NestedBlock {
    fn from(nested: &schema::NestedBlock) -> Self {
        Self {
            type_name: nested.name.clone(),
            block: Some((&nested.block).into()),
            nesting: match nested.nesting {
                schema::Nesting::Single => 1,
                schema::Nesting::List => 2,
                schema::Nesting::Set => 3,
            },
            min_items: nested.least,
            max_items: nested.most,
        }
    }
}
