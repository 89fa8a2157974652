"""SQL behind the services: tables, one engine factory, one door that writes. Never imported by `appeals`."""
