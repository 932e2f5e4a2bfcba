# makes: a custom role with the actions you name on one resource group
# needs: group
# output: role_id | azurerm_role_definition.recipe_name.role_definition_resource_id | Id of the role
resource "azurerm_role_definition" "recipe_name" {
  name  = var.name
  scope = azurerm_resource_group.recipe_name.id

  permissions {
    actions = var.actions
  }
}
