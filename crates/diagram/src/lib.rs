//! Pictures of charts: nested SVG, Mermaid text, SCXML in and out.
