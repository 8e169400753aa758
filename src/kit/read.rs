//! The whole file: every kind of block once, then the checks across blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::draft::Draft;
use super::model::Kit;
use super::{check, database, image, ingress, input, job, later, release, service, variable};
use crate::hcl::{self, Body};
use crate::source::{Problems, Source};

/// Reads and checks a `kit.hcl`. `None` after at least one problem; all problems of the file are
/// found at once.
pub fn parse(source: &Arc<Source>, problems: &mut Problems) -> Option<Kit> {
    let mut draft = Draft::default();
    let kit = hcl::read(source, &mut draft.problems).map(|body| {
        let mut kit = kit(body, &mut draft);
        check::check(&kit, &mut draft);
        kit.unsupported = std::mem::take(&mut draft.unsupported);
        kit
    });
    let complete = draft.problems.is_empty();
    problems.extend(draft.problems);
    kit.filter(|_| complete)
}

/// A model of whatever could be read; where a required value is missing, there is a problem and
/// a stand-in.
fn kit(mut body: Body, draft: &mut Draft) -> Kit {
    let header = release::header(&mut body, draft);
    let release = release::release(&mut body, &header.name, draft);
    let mut kit = Kit {
        schemas: release::schemas(&mut body, draft),
        sizes: release::sizes(&mut body, draft),
        images: image::images(&mut body, &header.name, &release, draft),
        inputs: input::inputs(&mut body, draft),
        secrets: input::secrets(&mut body, draft),
        databases: database::databases(&mut body, &header.name, draft),
        variables: variable::variables(&mut body, draft),
        services: service::services(&mut body, draft),
        jobs: job::jobs(&mut body, draft),
        ingresses: ingress::ingresses(&mut body, draft),
        checks: ingress::checks(&mut body, draft),
        features: release::features(&mut body, draft),
        name: header.name,
        title: header.title,
        vendor: header.vendor,
        landfall: header.landfall,
        clouds: header.clouds,
        release,
        unsupported: Vec::new(),
        places: BTreeMap::new(),
    };
    later::blocks(&mut body, draft);
    body.finish(&mut draft.problems);
    kit.places = std::mem::take(&mut draft.places);
    service::fill_from_sizes(&mut kit);
    kit
}
