/** What `{{.Name}}` and the other fields of a template stand for. */
export type TemplateData = Readonly<Record<string, string | number | boolean | Readonly<Record<string, string>>>>;
